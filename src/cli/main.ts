#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { packageFile } from '../paths.js';
import { EXIT, reportError } from './exit.js';
import { addLab } from './lab.js';
import { addRun } from './run.js';

const { version, description } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as Record<
  string,
  string
>;

const program = new Command('faildrill')
  .description(description!)
  .version(version!)
  .enablePositionalOptions()
  .showSuggestionAfterError()
  .configureHelp({ sortSubcommands: false });
program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT.invalid));

addRun(program);
addLab(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
