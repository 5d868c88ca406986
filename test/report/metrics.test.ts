import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { DrillResult } from '../../src/analysis/result.js';
import { packageFile } from '../../src/paths.js';
import { openmetrics } from '../../src/report/openmetrics.js';
import { prometheus } from '../../src/report/prometheus.js';
import { simulate, simulateTrials, targets } from '../fixtures/recording.js';
import { temporaryFolder } from '../fixtures/scenario.js';

const MS = 1e6;

/** Names that break what is not escaped, and what is to become of them. */
const NASTY = `<b>"x"</b> & 'q' | a,b {c="d"} \\n \\ ü 😀 \n\u0007\u0000 \ud800`;
const KEPT = NASTY.replace('\u0007\u0000', '\ufffd\ufffd').replace('\ud800', '\ufffd');

interface Sample {
  name: string;
  labels: Record<string, string>;
  /** Text, since JSON has no infinity. */
  value: string;
  timestamp: number | null;
}

/** The parser of Prometheus's own client library for Python, which is strict about OpenMetrics. */
const PARSE = `
import json, sys
from prometheus_client import parser, openmetrics
import prometheus_client.openmetrics.parser
parse = openmetrics.parser if sys.argv[1] == 'openmetrics' else parser
families = parse.text_fd_to_metric_families(open(sys.argv[2], newline='\\n'))
print(json.dumps([
  dict(type=f.type, unit=f.unit, help=f.documentation, samples=[
    dict(name=s.name, labels=s.labels, value=str(float(s.value)).replace('inf', 'Infinity'), timestamp=s.timestamp and float(s.timestamp)) for s in f.samples
  ]) for f in families
]))`;

function parse(format: 'openmetrics' | 'prometheus', text: string) {
  const file = join(temporaryFolder(), 'metrics');
  writeFileSync(file, text);
  const said = execFileSync('/usr/bin/python3', ['-c', PARSE, format, file], { encoding: 'utf8' });
  return JSON.parse(said) as { type: string; unit: string; help: string; samples: Sample[] }[];
}

const render = async (format: typeof openmetrics, result: DrillResult) => String(await format.render(result));

/** Every sample, by the parser of its format. */
const samples = async (of: DrillResult, format: 'openmetrics' | 'prometheus' = 'prometheus') =>
  parse(format, await render({ openmetrics, prometheus }[format], of)).flatMap(({ samples }) => samples);

/** The values of a metric, by one of its labels. */
const values = (all: readonly Sample[], name: string, label: string) =>
  Object.fromEntries(
    all.filter((sample) => sample.name === name).map(({ labels, value }) => [labels[label], Number(value)]),
  );

const cut = (outage: number, ...limits: string[]): DrillResult =>
  analyze(
    simulate({
      passes: (at) => at < 2000 * MS || at >= 2000 * MS + outage,
      faults: [
        { action: 'inject', before: 2000 * MS, after: 2001 * MS },
        { action: 'clear', before: 6000 * MS, after: 6001 * MS },
      ],
      ...(limits.length > 0 && { scenario: targets(...limits) }),
    }),
  );

test('a target: its verdict, its limit, and what was measured between its bounds, in seconds', async () => {
  const result = cut(300 * MS);
  const all = await samples(result);
  const { measured, text } = result.targets[0]!;
  expect(values(all, 'faildrill_drill_verdict', 'verdict')).toEqual({ pass: 1, fail: 0, inconclusive: 0 });
  expect(values(all, 'faildrill_target_verdict', 'verdict')).toEqual({ pass: 1, fail: 0, inconclusive: 0 });
  expect(values(all, 'faildrill_target_limit_seconds', 'target')).toEqual({ [text]: 1 });
  expect(values(all, 'faildrill_target_measured_seconds', 'target')).toEqual({ [text]: 0.3 });
  expect(values(all, 'faildrill_target_measured_lower_seconds', 'target')[text]).toBe(measured!.lower / 1e9);
  expect(values(all, 'faildrill_target_measured_upper_seconds', 'target')[text]).toBe(measured!.upper / 1e9);
  expect(all.find(({ name }) => name === 'faildrill_target_measured_seconds')!.labels).toEqual({
    drill: 'pair-cut',
    target: text,
    metric: 'loss_of_connectivity',
    subject: 'app',
    aggregate: 'max',
    comparison: '<',
  });
});

test('shares and numbers have names of their own', async () => {
  const all = await samples(cut(300 * MS, 'packet_loss(app) < 50%', 'packets_lost(app) < 10'));
  expect(values(all, 'faildrill_target_limit_ratio', 'metric')).toEqual({ packet_loss: 0.5 });
  expect(values(all, 'faildrill_target_limit', 'metric')).toEqual({ packets_lost: 10 });
  expect(values(all, 'faildrill_target_verdict', 'target')).toHaveProperty(['packets_lost(app) < 10']);
});

test('what did not come to an end is infinite, and at least what was seen of it', async () => {
  const all = await samples(cut(9000 * MS, 'recovery_time(app) < 1s'));
  expect(values(all, 'faildrill_drill_verdict', 'verdict')).toMatchObject({ pass: 0, fail: 1 });
  expect(values(all, 'faildrill_target_measured_seconds', 'metric')).toEqual({ recovery_time: Infinity });
  const { recovery_time: least } = values(all, 'faildrill_target_measured_lower_seconds', 'metric');
  // From the latest moment that the cut can have been at, to its clearing.
  expect(least).toBe(3.999);
});

test('what was not measured has a verdict and a limit, and no figure', async () => {
  const killed = analyze(simulate({ passes: () => true, killed: true }));
  const all = await samples(killed);
  expect(values(all, 'faildrill_target_verdict', 'verdict')).toMatchObject({ inconclusive: 1, pass: 0 });
  expect(values(all, 'faildrill_target_limit_seconds', 'metric')).toEqual({ loss_of_connectivity: 1 });
  expect(all.filter(({ name }) => name.startsWith('faildrill_target_measured'))).toEqual([]);
});

test('several trials: their least, median and most; the 95th percentile from 20 trials on', async () => {
  const spread = (trials: number) =>
    samples(analyze(simulateTrials(Array.from({ length: trials }, (_, index) => (300 + 10 * index) * MS))));
  const of = (all: readonly Sample[]) =>
    values(
      all.filter(({ labels }) => labels.metric === 'loss_of_connectivity'),
      'faildrill_measured_seconds',
      'statistic',
    );
  expect(of(await spread(3))).toEqual({ min: 0.3, median: 0.31, max: 0.32 });
  expect(of(await spread(20))).toEqual({ min: 0.3, median: 0.395, p95: 0.48, max: 0.49 });
});

test('a target that stands there twice is given once', async () => {
  const limit = 'loss_of_connectivity(app) < 1s';
  const all = await samples(cut(300 * MS, limit, limit), 'openmetrics');
  expect(all.filter(({ name }) => name === 'faildrill_target_limit_seconds')).toHaveLength(1);
});

describe('OpenMetrics', () => {
  test('every metric has its type, unit and help, and every sample the end of the drill', async () => {
    const families = parse('openmetrics', await render(openmetrics, cut(300 * MS)));
    expect(families.length).toBeGreaterThan(15);
    for (const { type, unit, help, samples } of families) {
      expect({ type, help: help.length > 10 }).toEqual({
        type: expect.stringMatching(/gauge|info/),
        help: true,
      });
      for (const { name, timestamp } of samples) {
        expect({ name, unit }).toEqual({ name, unit: /_(seconds|ratio)$/.exec(name)?.[1] ?? '' });
        // It began at the beginning of 2026, and its packets were sent for 10 seconds, the last of which had 100 ms to arrive.
        expect(timestamp).toBe(Date.UTC(2026, 0, 1) / 1000 + 9.9);
      }
    }
  });

  test('says the same as the other format', async () => {
    const untimed = (all: readonly Sample[]) => all.map(({ timestamp: _, ...sample }) => sample);
    const result = cut(300 * MS);
    expect(untimed(await samples(result, 'openmetrics'))).toEqual(untimed(await samples(result)));
  });
});

describe('Prometheus', () => {
  test('has no times, which its readers refuse', async () => {
    for (const { timestamp } of await samples(cut(300 * MS))) expect(timestamp).toBeNull();
  });

  test("is what Prometheus's own check has nothing to say about", async () => {
    const input = await render(prometheus, { ...cut(300 * MS), title: NASTY });
    expect(execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('');
  });
});

test('the alerts of the guide are rules that Prometheus takes', () => {
  const [rules] = readFileSync(packageFile('docs/integrations.md'), 'utf8').match(
    /(?<=```yaml\n)groups:[^`]*/,
  )!;
  const file = join(temporaryFolder(), 'rules.yml');
  writeFileSync(file, rules);
  expect(execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })).toContain('2 rules found');
});

test.each(['openmetrics', 'prometheus'] as const)('nasty names survive: %s', async (format) => {
  const result = cut(300 * MS);
  const [target] = result.targets;
  const all = await samples(
    {
      ...result,
      name: NASTY,
      title: NASTY,
      tags: [NASTY],
      targets: [{ ...target!, text: NASTY, subject: NASTY }],
    },
    format,
  );
  expect(all[0]!.labels).toMatchObject({ drill: KEPT, title: KEPT, tags: KEPT });
  expect(values(all, 'faildrill_target_measured_seconds', 'target')).toEqual({ [KEPT]: 0.3 });
});
