#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import pc from 'picocolors';
import { packageFile } from '../paths.js';
import { addAnalyze } from './analyze.js';
import { addCalibrate } from './calibrate.js';
import { addCompare } from './compare.js';
import { addDoctor } from './doctor.js';
import { EXIT, reportError } from './exit.js';
import { addInit } from './init.js';
import { addLab } from './lab.js';
import { addList } from './list.js';
import { addRun } from './run.js';
import { addSchema } from './schema.js';
import { addValidate } from './validate.js';

const { version, description } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as Record<
  string,
  string
>;

const program = new Command('faildrill')
  .description(description!)
  .version(version!)
  .enablePositionalOptions()
  .showSuggestionAfterError()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, pc.red('error'))) })
  .configureHelp({ sortSubcommands: false });
program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT.invalid));

for (const add of [
  addRun,
  addValidate,
  addAnalyze,
  addCompare,
  addInit,
  addList,
  addSchema,
  addLab,
  addDoctor,
  addCalibrate,
])
  add(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
