import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import pc from 'picocolors';
import {
  joinLab,
  nodeNamed,
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
      for (const name of names) {
        const lab = await joinLab(name);
        console.log(
          `${pc.bold(name)}  ${lab.nodes.size} nodes, ${lab.links.size} links  ${lab.topology.file}`,
        );
        lab.leave();
      }
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
      const lab = await joinLab(name);
      await pipeline(readConsole(lab, node), process.stdout, { end: false });
      lab.leave();
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

async function inTerminal(name: string, node: string, argv: string[]): Promise<number> {
  const lab = await joinLab(name);
  try {
    return await runInTerminal(await lab.pidNamespaceOf(nodeNamed(lab, node).name), argv);
  } finally {
    lab.leave();
  }
}
