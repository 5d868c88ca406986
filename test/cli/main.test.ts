import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { packageFile } from '../../src/paths.js';
import { faildrill } from '../lab/drill.js';

const run = (...argv: string[]) => faildrill(packageFile('.'), ...argv);

test('--help lists every verb, with a sentence each', async () => {
  const { exitCode, stdout, stderr } = await run('--help');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const verbs = [...stdout.matchAll(/^ {2}(\w+) .*? {2,}\w+ \w+/gm)].map(([, verb]) => verb);
  const expected =
    'run merge kubernetes validate analyze compare history show programme coverage init list schema lab image doctor calibrate help';
  expect(verbs).toEqual(expected.split(' '));
});

test.each([
  ['run', '--trials <n>'],
  ['run', '--tag <tag>'],
  ['merge', '--out <folder>'],
  ['validate', '--set <name=value>'],
  ['analyze', '--out <folder>'],
  ['compare', '--tolerance <share>'],
  ['history', '--since <time>'],
  ['show', '--format <format>'],
  ['programme', 'status [options] [programme]'],
  ['coverage', '--generate <folder>'],
  ['init', '--out <file>'],
  ['doctor', '--install'],
  ['lab', 'exec <lab> <node> <command...>'],
])('%s --help', async (verb, option) => {
  const { exitCode, stdout } = await run(verb, '--help');
  expect(exitCode).toBe(0);
  expect(stdout).toContain(option);
});

test('--version is the package’s', async () => {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  expect(await run('--version')).toMatchObject({ exitCode: 0, stdout: version, stderr: '' });
});

test('without a verb: help, as a mistake', async () => {
  const { exitCode, stdout, stderr } = await run();
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
  expect(stderr).toContain('Usage: faildrill');
});

describe.concurrent('a mistake in the command line is one message, with the nearest name, and exit code 3', () => {
  test.each([
    ['an unknown verb', ['lst'], "unknown command 'lst'\n(Did you mean list?)"],
    ['a verb like none', ['xyzzy'], "unknown command 'xyzzy'"],
    ['an unknown verb of lab', ['lab', 'upp'], "unknown command 'upp'\n(Did you mean up?)"],
    [
      'an unknown option',
      ['run', '--trails', '3', 'x'],
      "unknown option '--trails'\n(Did you mean --trials?)",
    ],
    ['nothing to run', ['run'], "missing required argument 'scenario'"],
    ['nothing to execute', ['lab', 'exec', 'x', 'y'], "missing required argument 'command'"],
    [
      'no number',
      ['run', 'x', '--trials', 'two'],
      "option '--trials <n>' argument 'two' is invalid. expected a number, not NaN",
    ],
    [
      'no trials',
      ['run', 'x', '--trials', '0'],
      "option '--trials <n>' argument '0' is invalid. expected at least 1",
    ],
    [
      'a negative seed',
      ['run', 'x', '--seed', '-1'],
      "option '--seed <n>' argument '-1' is invalid. expected at least 0",
    ],
    [
      'a variable without a value',
      ['validate', 'x', '--set', 'A'],
      "option '--set <name=value>' argument 'A' is invalid. expected NAME=value",
    ],
    [
      'an unknown purpose',
      ['doctor', '--for', 'x'],
      'Allowed choices are run, gateways, test, bench, kernel, kubernetes.',
    ],
    [
      'a place for results that is none',
      ['kubernetes', 'run', 'x', '--results', 'nfs:x'],
      "option '--results <where>' argument 'nfs:x' is invalid. expected pvc:<name of a claim> or s3://<bucket>/<prefix>",
    ],
    [
      'a bucket that is none',
      ['kubernetes', 'run', 'x', '--results', 's3://Drills/a'],
      "option '--results <where>' argument 's3://Drills/a' is invalid. expected s3://<bucket>/<prefix>: a bucket of 3 to 63",
    ],
    [
      'a bucket without its Secret',
      ['kubernetes', 'run', 'x', '--results', 's3://drills/a'],
      '--results s3://<bucket>/<prefix> and --s3-secret go together',
    ],
    [
      'a Secret without its bucket',
      ['kubernetes', 'run', 'x', '--results', 'pvc:a', '--s3-secret', 'store'],
      '--results s3://<bucket>/<prefix> and --s3-secret go together',
    ],
    [
      'a history in a bucket',
      ['kubernetes', 'schedule', '--results', 's3://drills/a'],
      'a history grows from day to day, and has to be on a claim: expected pvc:<name of a claim>',
    ],
    ['too much', ['calibrate', 'x'], 'too many arguments'],
    ['an unknown file to describe', ['schema', 'x'], 'Allowed choices are scenario, programme, findings.'],
    ['an unknown thing to list', ['list', 'prob'], 'unknown thing to list "prob"; did you mean "probes"?'],
  ])('%s', async (_, argv, expected) => {
    const { exitCode, stdout, stderr } = await run(...argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(/^error /);
    expect(stderr).toContain(expected);
    expect(stderr.split('\n').length).toBeLessThanOrEqual(2);
  });
});
