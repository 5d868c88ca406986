import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { examine, type Finding } from '../runtime/namespace/examine.js';
import { installPackages, PURPOSES, type Purpose } from '../runtime/namespace/packages.js';
import { EXIT } from './exit.js';

const SIGNS: Record<Finding['state'], string> = {
  ok: pc.green('✓'),
  missing: pc.red('✗'),
  limited: pc.yellow('~'),
};

/** `faildrill doctor`: what this machine can and cannot do. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .option('--install', 'install the Debian packages that are missing')
    .addOption(
      new Option(
        '--for <purpose...>',
        'what to be ready for: the shipped labs, all daemons that gateways can run, the tests, the benchmarks',
      )
        .choices(PURPOSES)
        .default(['run']),
    )
    .description('say what this machine can and cannot do, and install what is missing')
    .action(async (options: { install?: boolean; for: Purpose[] }) => {
      const purposes = [...new Set<Purpose>(['run', ...options.for])];
      let { findings, missing } = await examine(purposes);
      if (options.install && missing.length > 0) {
        console.log(`installing ${missing.map(({ name }) => name).join(', ')}`);
        await installPackages(missing, (line) => console.log(pc.dim(line)));
        ({ findings, missing } = await examine(purposes));
      }
      for (const { what, state, detail } of findings)
        console.log(`${SIGNS[state]} ${what}  ${pc.dim(detail)}`);
      const lacking = findings.filter(({ state }) => state === 'missing').length;
      if (lacking > 0) process.exitCode = EXIT.cannotRun;
      console.log(lacking > 0 ? pc.red(`${lacking} missing`) : pc.green('this machine can run drills'));
    });
}
