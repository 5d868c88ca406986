import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DrillResult, parseResult, type TargetResult } from 'faildrill';
import { machine } from './machine.js';
import { CLI } from './recorded.js';
import { median } from './statistics.js';
import { markdown } from './table.js';
import { temporaryFolder } from './temporary.js';

/**
 * `npm run measure -- [lab…]`: drills every scenario of these labs, or of all, `TRIALS` times (10), and writes into labs/MEASURED.md what came out beside what the
 * targets allow, a section a lab. Sections of other labs stay.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILE = join(ROOT, 'labs/MEASURED.md');
const TRIALS = process.env.TRIALS ?? '10';

const HEAD = `# Measured

Every scenario of a lab, drilled several times by \`npm run measure -- <lab>\`, which writes this file. Times in milliseconds, of what is
called the value of each valid trial; its bounds are in a drill's own report. The 95th percentile is the nearest rank, so of ten trials
it is the longest. The target, and the reason for it, are the scenario's own.
`;

/** What a scenario says behind each of its targets, by the target without blanks. */
const reasonsIn = (text: string): Map<string, string> =>
  new Map(
    [...text.matchAll(/^ +- (.+?) +# (.+)$/gm)].map(([, target = '', why = '']) => [bare(target), why]),
  );

const bare = (target: string): string => target.replace(/["\s]/g, '');

/** The nearest rank. */
const percentile95 = (sorted: readonly number[]): number => sorted[Math.ceil(0.95 * sorted.length) - 1]!;

const milliseconds = (value: number): string => (Number.isFinite(value) ? (value / 1e6).toFixed(0) : 'never');

function lineOf(name: string, target: TargetResult, reasons: Map<string, string>): string[] {
  const values = target.trials.map(({ measurement }) => measurement.value).sort((a, b) => a - b);
  const why = reasons.get(bare(target.text)) ?? '';
  const figures = values.length === 0 ? ['', ''] : [median(values), percentile95(values)].map(milliseconds);
  return [`\`${name}\``, `\`${target.text}\``, why, ...figures, String(values.length)];
}

/** The table of a lab, of the targets that limit a time. */
function tableOf(results: readonly DrillResult[]): string {
  const lines = results.flatMap(({ name, targets, scenario }) => {
    const reasons = reasonsIn(scenario.text);
    return targets
      .filter(({ unit, limit }) => unit === 'duration' && limit > 0)
      .map((target) => lineOf(name, target, reasons));
  });
  return markdown(['scenario', 'target', 'because of', 'median', 'p95', 'trials'], lines);
}

const foldersIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

/** Drills a lab's scenarios one after the other. @returns what each came to */
function drill(lab: string): DrillResult[] {
  using folder = temporaryFolder();
  const out = join(folder.path, 'reports');
  const argv = [CLI, 'run', join(ROOT, 'scenarios', lab), '--trials', TRIALS, '--out', out];
  spawnSync(process.execPath, argv, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  return foldersIn(out)
    .map((name) => parseResult(readFileSync(join(out, name, 'result.json'), 'utf8')))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The sections of the file, by lab. */
const sectionsIn = (text: string): Map<string, string> =>
  new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split('\n')[0]!, `## ${section.trimEnd()}\n`]),
  );

const all = foldersIn(join(ROOT, 'scenarios'));
const wanted = process.argv.length > 2 ? process.argv.slice(2) : all.sort();
const unknown = wanted.find((lab) => !all.includes(lab));
if (unknown !== undefined) {
  console.error(`there is no lab "${unknown}"; there are ${all.sort().join(', ')}`);
  process.exit(2);
}
for (const lab of wanted) {
  const results = drill(lab);
  const verdicts = results.map(({ name, verdict }) => `\`${name}\` ${verdict}`).join(', ');
  const where = `${new Date().toISOString().slice(0, 10)}, ${machine()}`;
  // Read again each time: another lab may have been measured meanwhile.
  const sections = sectionsIn(existsSync(FILE) ? readFileSync(FILE, 'utf8') : '');
  sections.set(lab, `## ${lab}\n\n${where}. Verdicts: ${verdicts}.\n\n${tableOf(results)}\n`);
  const sorted = [...sections].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, section]) => section);
  writeFileSync(FILE, [HEAD, ...sorted].join('\n'));
  console.log(`labs/MEASURED.md has ${lab}: ${verdicts}`);
}
