#!/usr/bin/env node
import { Command } from 'commander';
import pc from 'picocolors';
import { EXIT, reportError } from './exit.js';
import { description, version } from './version.js';

const program = new Command('faildrill')
  .description(description)
  .version(version)
  .enablePositionalOptions()
  .showSuggestionAfterError()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, pc.red('error'))) })
  .configureHelp({ sortSubcommands: false });
program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT.invalid));

/** The verbs, in the order in which help lists them. */
const verbs: Record<string, () => Promise<(program: Command) => void>> = {
  run: async () => (await import('./run.js')).addRun,
  merge: async () => (await import('./merge.js')).addMerge,
  kubernetes: async () => (await import('./kubernetes.js')).addKubernetes,
  validate: async () => (await import('./validate.js')).addValidate,
  analyze: async () => (await import('./analyze.js')).addAnalyze,
  compare: async () => (await import('./compare.js')).addCompare,
  history: async () => (await import('./history.js')).addHistory,
  show: async () => (await import('./show.js')).addShow,
  programme: async () => (await import('./programme.js')).addProgramme,
  coverage: async () => (await import('./coverage.js')).addCoverage,
  init: async () => (await import('./init.js')).addInit,
  list: async () => (await import('./list.js')).addList,
  schema: async () => (await import('./schema.js')).addSchema,
  lab: async () => (await import('./lab.js')).addLab,
  image: async () => (await import('./image.js')).addImage,
  doctor: async () => (await import('./doctor.js')).addDoctor,
  calibrate: async () => (await import('./calibrate.js')).addCalibrate,
};

const [, , asked = ''] = process.argv;
// A verb that is named needs no other: reading a list must not wait for all that a lab takes.
for (const load of Object.hasOwn(verbs, asked) ? [verbs[asked]!] : Object.values(verbs))
  (await load())(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
