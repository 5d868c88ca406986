import Handlebars from 'handlebars';
import type { Verdict } from '../../analysis/judge.js';
import type { JudgedEntry } from '../../history/entry.js';
import { trendChart } from '../charts/trend.js';
import { template } from '../html.js';
import { formatMeasurement, SIGNS } from '../words.js';
import type { Listing } from './report.js';
import { changesOf, type Series, type Trend, trendsOf } from './series.js';

/** Drills of a scenario that a chart has room for. */
const MOST = 120;

/** The trend page: what became of each target from drill to drill, by scenario. One page that needs nothing else, also for paper. */
export function renderHtml({ drills, unreadable, store, filter }: Listing): string {
  const trends = trendsOf(drills);
  return Handlebars.compile(template('trend.hbs'), { strict: true })({
    style: template('drill.css') + template('trend.css'),
    filter,
    count: drills.length,
    isEmpty: drills.length === 0,
    scenarios: trends.map((trend) => scenarioOf(trend, store)),
    unreadable: unreadable.map(({ folder, problem = '' }) => ({ folder, problem })),
  });
}

function scenarioOf(whole: Trend, store: string) {
  const [trend] = trendsOf([...whole.drills].reverse().slice(0, MOST)) as [Trend];
  const { name, title, drills, targets } = trend;
  const latest = drills.at(-1)!;
  return {
    name,
    title,
    sign: SIGNS[latest.drill.verdict],
    verdict: latest.drill.verdict,
    sentence: sentenceOf(whole),
    leftOut: whole.drills.length - drills.length,
    targets: targets.map((series) => ({
      name: series.name,
      // One dot says no more than the words.
      chart: series.points.length > 1 ? trendChart(series, trend) : '',
      words: wordsOf(series),
    })),
    rows: [...drills.entries()].reverse().map(([index, entry]) => rowOf(entry, drills[index - 1], store)),
  };
}

/** How all of a scenario's drills ended. */
function sentenceOf({ drills }: Trend): string {
  const ended = (verdict: Verdict) => drills.filter(({ drill }) => drill.verdict === verdict).length;
  const counts = (['pass', 'fail', 'inconclusive'] as const)
    .filter((verdict) => ended(verdict) > 0)
    .map((verdict) => `${ended(verdict)} ${verdict}`);
  const [first, last] = [drills[0]!, drills.at(-1)!].map(({ drill }) => drill.started.slice(0, 10));
  const drilled =
    drills.length === 1 ? `One drill, ${first}` : `${drills.length} drills, ${first} to ${last}`;
  return `${drilled}: ${counts.join(', ')}.`;
}

/** The latest figure beside the one before and the limit. */
function wordsOf({ points }: Series): string {
  const [latest, before] = [points.at(-1)!, points.at(-2)];
  const { measured, unit, text, verdict } = latest.target;
  const was = before ? `; before that ${formatMeasurement(before.target.measured, unit)}` : '';
  return `Latest (${latest.entry.drill.started.slice(0, 10)}): ${formatMeasurement(measured, unit)}${was}. ${text}: ${verdict}.`;
}

const rowOf = (entry: JudgedEntry, before: JudgedEntry | undefined, store: string) => ({
  verdict: entry.drill.verdict,
  sign: SIGNS[entry.drill.verdict],
  started: `${entry.drill.started.slice(0, 10)} ${entry.drill.started.slice(11, 16)}`,
  folder: entry.folder,
  href: [...store.split('/'), entry.folder, 'report.html'].map(encodeURIComponent).join('/'),
  trials: entry.drill.trials,
  reason: entry.drill.reason,
  changes: changesOf(before, entry),
});
