import { copyFileSync, existsSync, linkSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import type { Verdict } from '../analysis/judge.js';
import type { DrillResult } from '../analysis/result.js';
import { addStepSummary } from '../delivery/github.js';
import { InvalidInput } from '../document/problem.js';
import { ensureFolder } from '../folders.js';
import { noteDrill, RECORDING } from '../history/store.js';
import { json, parseResult } from '../report/json.js';
import { mergedFormats } from '../report/merged/registry.js';
import { renderTerminal } from '../report/merged/terminal.js';
import { disagreements, type ShardResult, shardName } from '../shards/agreement.js';
import { DURATIONS, durationsOf, durationsText } from '../shards/durations.js';
import { findShards } from '../shards/find.js';
import type { ShardDrill } from '../shards/manifest.js';
import { type Found, type MergedResult, merged } from '../shards/merged.js';
import { slim } from '../shards/slim.js';
import { EXIT, exitCodeOf, mostSerious } from './exit.js';
import { concerning, judged, judgedIn } from './recordings.js';
import { version } from './version.js';
import { writingTo } from './writing.js';

/** `faildrill merge`: what the shards of a run left, as one result. */
export function addMerge(program: Command): void {
  program
    .command('merge')
    .argument('<folder...>', 'folders that shards left their results in, or a folder of these')
    .option(
      '--out <folder>',
      'folder for the drills of all shards and the report; it may be that of the shards',
      'merged',
    )
    .description('put the results of shards together: one report, one JUnit file, one exit code')
    .action((folders: string[], { out }: { out: string }) => {
      process.exitCode = mergeFolders(folders, out);
    });
}

/**
 * Puts what shards left together, writes the reports and prints the result.
 * @returns the exit code that it means
 * @throws InvalidInput where the shards are not parts of one run
 */
export function mergeFolders(folders: readonly string[], out: string): number {
  const shards = findShards(folders);
  const problems = disagreements(shards);
  if (problems.length > 0) throw new InvalidInput(problems);
  checkOut(out, shards);
  const result = merge(shards, out);
  writingTo(out, HINT, () => writeReports(result, out));
  process.stdout.write(renderTerminal(result));
  console.log(`\n${pc.dim('report')}  ${relative(process.cwd(), join(out, mergedFormats.html.file))}`);
  for (const error of addStepSummary(mergedFormats.markdown.render(result))) console.error(pc.yellow(error));
  return result.exitCode;
}

const HINT = { hint: 'name another folder with --out' };

/** Drills of another run would be taken for some of this one. */
function checkOut(out: string, shards: readonly ShardResult[]): void {
  const isOneOfTheirs = shards.some(({ file }) => resolve(dirname(file)) === resolve(out));
  if (isOneOfTheirs || !existsSync(out) || readdirSync(out).length === 0) return;
  const message = 'there is something in this folder already: name another one with --out';
  throw new InvalidInput([{ file: out, line: 1, column: 1, message }]);
}

const VERDICTS: Record<number, Verdict> = {
  [EXIT.pass]: 'pass',
  [EXIT.fail]: 'fail',
  [EXIT.uncleared]: 'fail',
};

function merge(shards: readonly ShardResult[], out: string): MergedResult {
  const found = new Map<string, Found>();
  for (const shard of shards)
    for (const drill of shard.manifest.drills)
      if (drill.folder !== undefined)
        found.set(drill.file, take({ ...drill, folder: drill.folder }, shard, out));
  return merged(shards, found, {
    verdictOf: (code) => VERDICTS[code] ?? 'inconclusive',
    codeOf: exitCodeOf,
    worst: mostSerious,
    missing: EXIT.fail,
  });
}

/** Takes a drill over into the folder of the merge, and into its history. */
function take(drill: ShardDrill & { folder: string }, { file, manifest }: ShardResult, out: string): Found {
  const from = join(dirname(file), drill.folder);
  const what = `its folder ${drill.folder} is missing in what shard ${shardName(manifest)} left`;
  if (!existsSync(from)) return what;
  const result = resultIn(from);
  if (!result) return `${what}: neither ${json.file} nor ${RECORDING}`;
  const folder = resolve(dirname(from)) === resolve(out) ? drill.folder : freeName(drill.folder, out);
  writingTo(out, HINT, () => {
    if (resolve(from) !== resolve(join(out, folder))) takeOver(from, join(out, folder));
    const recording = join(out, folder, RECORDING);
    if (existsSync(recording)) noteDrill(recording, result, version);
  });
  return { folder, result: slim(result) };
}

/** What a drill came to: as was written down then, or judged again where that is gone. @throws InvalidInput where it is of another version */
function resultIn(folder: string): DrillResult | undefined {
  const written = join(folder, json.file);
  if (existsSync(written)) return concerning(written, () => parseResult(readFileSync(written, 'utf8')));
  const recording = join(folder, RECORDING);
  return existsSync(recording) ? judged(recording) : undefined;
}

/** A folder's name, with a number where another shard has one of the same. */
function freeName(folder: string, out: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? folder : `${folder}-${number}`;
    if (!existsSync(join(out, name))) return name;
  }
}

/** Takes a drill's folder over. Its files are shared where both folders are on one disk: a recording is never changed, and reports follow from it. */
function takeOver(from: string, to: string): void {
  ensureFolder(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) takeOver(source, target);
    else if (entry.isFile()) shareOrCopy(source, target);
  }
}

function shareOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** Writes the report in every format, and what the drills took, for the shards of the next run. */
function writeReports(result: MergedResult, out: string): void {
  ensureFolder(out);
  for (const { file, render } of Object.values(mergedFormats)) writeFileSync(join(out, file), render(result));
  writeFileSync(join(out, DURATIONS), durationsText(durationsOf(judgedIn(out))));
}
