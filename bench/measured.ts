import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DrillResult, parseResult, type TargetResult } from 'faildrill';
import { machine } from './machine.js';
import { CLI } from './recorded.js';
import { median, quantile } from './statistics.js';
import { markdown } from './table.js';
import { temporaryFolder } from './temporary.js';

/**
 * `npm run measure -- [lab…] [lab/scenario…]`: drills these scenarios, or all, `TRIALS` times (10), and writes into labs/MEASURED.md what came
 * out beside what the targets allow, a section a lab. Sections of other labs stay.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILE = join(ROOT, 'labs/MEASURED.md');
const TRIALS = process.env.TRIALS ?? '10';

const HEAD = `# Measured

Scenarios of each lab, drilled several times by \`npm run measure -- <lab>\`, which writes this file. Times in milliseconds, of what is
called the value of each valid trial; its bounds are in a drill's own report. The 95th percentile is the nearest rank, so of ten trials
it is the longest. The target, and the reason for it, are the scenario's own.
`;

/** What a scenario says behind each of its targets, by the target without blanks. */
const reasonsIn = (text: string): Map<string, string> =>
  new Map(
    [...text.matchAll(/^ +- (.+?) +# (.+)$/gm)].map(([, target = '', why = '']) => [bare(target), why]),
  );

const bare = (target: string): string => target.replace(/["\s]/g, '');

const milliseconds = (value: number): string => (Number.isFinite(value) ? (value / 1e6).toFixed(0) : 'never');

function lineOf(name: string, target: TargetResult, reasons: Map<string, string>): string[] {
  const values = target.trials.map(({ measurement }) => measurement.value);
  const why = reasons.get(bare(target.text)) ?? '';
  const figures = values.length === 0 ? ['', ''] : [median(values), quantile(values, 0.95)].map(milliseconds);
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

/** Drills scenarios one after the other. @returns what each came to */
function drill(scenarios: readonly string[]): DrillResult[] {
  using folder = temporaryFolder();
  const out = join(folder.path, 'reports');
  const argv = [CLI, 'run', ...scenarios, '--trials', TRIALS, '--out', out];
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

/** Where a lab's scenarios or one of them are. */
const pathOf = (name: string): string =>
  join(ROOT, 'scenarios', name.includes('/') ? `${name}.drill.yml` : name);

const labs = foldersIn(join(ROOT, 'scenarios')).sort();
const wanted = process.argv.length > 2 ? process.argv.slice(2) : labs;
const unknown = wanted.find((name) => !existsSync(pathOf(name)));
if (unknown !== undefined) {
  console.error(`there is no "${unknown}"; labs are ${labs.join(', ')}`);
  process.exit(2);
}
for (const lab of new Set(wanted.map((name) => name.split('/')[0]!))) {
  const results = drill(wanted.filter((name) => name.split('/')[0] === lab).map(pathOf));
  const verdicts = results.map(({ name, verdict }) => `\`${name}\` ${verdict}`).join(', ');
  const where = `${new Date().toISOString().slice(0, 10)}, ${machine()}`;
  // Read again each time: another lab may have been measured meanwhile.
  const sections = sectionsIn(existsSync(FILE) ? readFileSync(FILE, 'utf8') : '');
  sections.set(lab, `## ${lab}\n\n${where}. Verdicts: ${verdicts}.\n\n${tableOf(results)}\n`);
  const sorted = [...sections].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, section]) => section);
  writeFileSync(FILE, [HEAD, ...sorted].join('\n'));
  console.log(`labs/MEASURED.md has ${lab}: ${verdicts}`);
}
