import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import pc from 'picocolors';
import {
  joinLab,
  nodeNamed,
  type RunningLab,
  raiseLab,
  readConsole,
  runInTerminal,
  runningLabs,
} from '../runtime/namespace/labs.js';
import { toMermaid } from '../topology/graph.js';
import { loadTopology } from '../topology/load.js';
import { collectVariable, withEnvironment } from './options.js';

/** `faildrill lab`: labs without a drill, for people who write scenarios. */
export function addLab(program: Command): void {
  const lab = program.command('lab').description('bring labs up and look inside, without a drill');

  lab
    .command('up')
    .argument('<topology>', 'containerlab topology file (*.clab.yml)')
    .option('--set <name=value>', 'give a variable of the topology file a value', collectVariable, {})
    .description('bring a lab up and leave it running')
    .action(async (file: string, options: { set: Record<string, string> }) => {
      const lab = await raiseLab(loadTopology(file, withEnvironment(options.set)));
      const seconds = ((lab.deployed.after - lab.deployed.before) / 1e9).toFixed(2);
      console.log(
        `lab ${pc.bold(lab.name)} is up: ${lab.nodes.size} nodes, ${lab.links.size} links, ${seconds} s`,
      );
      console.log(pc.dim(`faildrill lab shell ${lab.name} <node>, faildrill lab down ${lab.name}`));
      lab.leave();
    });

  lab
    .command('down')
    .argument('<lab>', 'name of a running lab')
    .description('take a lab down')
    .action(async (name: string) => {
      const lab = await joinLab(name);
      await lab[Symbol.asyncDispose]();
      console.log(`lab ${pc.bold(name)} is down`);
    });

  lab
    .command('list')
    .description('list the labs that are up')
    .action(async () => {
      const names = runningLabs();
      if (names.length === 0) console.log('no lab is up');
      for (const name of names)
        console.log(`${pc.bold(name)}  ${await inLab(name, describe).catch(messageOf)}`);
    });

  lab
    .command('exec')
    .argument('<lab>')
    .argument('<node>')
    .argument('<command...>')
    .passThroughOptions()
    .description('run a command in a node')
    .action(async (name: string, node: string, argv: string[]) => {
      process.exitCode = await inTerminal(name, node, argv[0] === '--' ? argv.slice(1) : argv);
    });

  lab
    .command('shell')
    .argument('<lab>')
    .argument('<node>')
    .description('open a shell in a node')
    .action(async (name: string, node: string) => {
      process.exitCode = await inTerminal(name, node, ['/bin/bash', '--login']);
    });

  lab
    .command('logs')
    .argument('<lab>')
    .argument('<node>')
    .description("print what a node's daemons wrote to their console")
    .action(async (name: string, node: string) => {
      await inLab(name, (lab) => pipeline(readConsole(lab, node), process.stdout, { end: false }));
    });

  lab
    .command('graph')
    .argument('<topology>', 'containerlab topology file (*.clab.yml)')
    .option('--set <name=value>', 'give a variable of the topology file a value', collectVariable, {})
    .description('print a topology as a Mermaid graph')
    .action((file: string, options: { set: Record<string, string> }) => {
      process.stdout.write(toMermaid(loadTopology(file, withEnvironment(options.set))));
    });
}

const inTerminal = (name: string, node: string, argv: string[]): Promise<number> =>
  inLab(name, async (lab) => runInTerminal(await lab.pidNamespaceOf(nodeNamed(lab, node).name), argv));

/** Joins a lab, does something with it and lets go of it: a lab that is held keeps this process from ending. */
async function inLab<T>(name: string, act: (lab: RunningLab) => T | Promise<T>): Promise<T> {
  const lab = await joinLab(name);
  try {
    return await act(lab);
  } finally {
    lab.leave();
  }
}

const describe = ({ nodes, links, topology }: RunningLab) =>
  `${nodes.size} nodes, ${links.size} links  ${topology.file}`;

/** A lab may be on its way up or down, or belong to somebody else; that must not hide the others. */
const messageOf = ({ message }: Error) => message;
