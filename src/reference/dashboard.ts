import type { Dashboard, Panel } from '@grafana/schema';

/** Grid positions are in columns of 24 and rows of 30 pixels. */
const WIDTH = 24;

const datasource = { type: 'prometheus', uid: '$datasource' };

/** Drills that are shown. */
const shown = 'drill=~"$drill"';

interface Query {
  expr: string;
  legend: string;
  /** The last value alone, instead of one at each point of the axis. */
  instant?: boolean;
}

/** What was last known in the time that is looked at: drills are rare, and a Prometheus forgets a value after five minutes. */
const last = (metric: string) => `last_over_time(${metric}[$__range])`;

/** What was last known at each point of the axis. */
const each = (metric: string) => `last_over_time(${metric}[$__interval])`;

const targetsOf = (queries: readonly Query[]): NonNullable<Panel['targets']> =>
  queries.map(({ expr, legend, instant = false }, index) => ({
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource,
    expr,
    legendFormat: legend,
    instant,
    range: !instant,
  }));

const stat = (
  title: string,
  queries: readonly Query[],
  { unit, textMode, x }: { unit: string; textMode: string; x: number },
): Panel => ({
  type: 'stat',
  title,
  datasource,
  gridPos: { x, y: 0, w: WIDTH / 2, h: 6 },
  targets: targetsOf(queries),
  fieldConfig: { defaults: { unit }, overrides: [] },
  options: { textMode, colorMode: 'none', reduceOptions: { calcs: ['lastNotNull'] } },
});

const series = (
  title: string,
  queries: readonly Query[],
  { unit, y }: { unit: string; y: number },
): Panel => ({
  type: 'timeseries',
  title,
  datasource,
  gridPos: { x: 0, y, w: WIDTH, h: 9 },
  targets: targetsOf(queries),
  fieldConfig: {
    defaults: { unit, min: 0, custom: { drawStyle: 'line', showPoints: 'always', spanNulls: true } },
    overrides: [
      {
        matcher: { id: 'byRegexp', options: '/^(limit|at least|at most): /' },
        properties: [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } }],
      },
    ],
  },
  options: { legend: { displayMode: 'table', placement: 'right', calcs: ['lastNotNull'] } },
});

/** What was measured for the targets of a unit, between its bounds, beside what is allowed. */
const targetQueries = (unit: string): Query[] =>
  [
    { metric: 'measured', before: '' },
    { metric: 'measured_lower', before: 'at least: ' },
    { metric: 'measured_upper', before: 'at most: ' },
    { metric: 'limit', before: 'limit: ' },
  ].map(({ metric, before }) => ({
    expr: each(`faildrill_target_${metric}${unit}{${shown}}`),
    legend: `${before}{{drill}}: {{target}}`,
  }));

/** A dashboard for what is in `metrics.prom`, checked against the types that Grafana publishes. */
export const dashboard: Dashboard = {
  uid: 'faildrill',
  title: 'Failover drills',
  description: 'What faildrill measured, drill by drill, beside what is allowed.',
  tags: ['faildrill'],
  schemaVersion: 39,
  editable: true,
  timezone: 'browser',
  time: { from: 'now-90d', to: 'now' },
  templating: {
    list: [
      { type: 'datasource', name: 'datasource', label: 'Prometheus', query: 'prometheus' },
      {
        type: 'query',
        name: 'drill',
        label: 'Drill',
        datasource,
        query: 'label_values(faildrill_drill_info, drill)',
        multi: true,
        includeAll: true,
        allValue: '.*',
        current: { text: 'All', value: '$__all' },
        refresh: 2,
        sort: 1,
      },
    ],
  },
  panels: [
    stat(
      'Last verdict',
      [
        {
          expr: `${last(`faildrill_drill_verdict{${shown}}`)} == 1`,
          legend: '{{drill}}: {{verdict}}',
          instant: true,
        },
      ],
      { unit: 'none', textMode: 'name', x: 0 },
    ),
    stat(
      'Since the last drill',
      [
        {
          expr: `time() - max by (drill) (${last(`faildrill_drill_start_time_seconds{${shown}}`)})`,
          legend: '{{drill}}',
          instant: true,
        },
      ],
      { unit: 's', textMode: 'value_and_name', x: WIDTH / 2 },
    ),
    series('Targets: durations', targetQueries('_seconds'), { unit: 's', y: 6 }),
    series('Targets: shares', targetQueries('_ratio'), { unit: 'percentunit', y: 15 }),
    series('Targets: numbers', targetQueries(''), { unit: 'short', y: 24 }),
    series(
      'All durations: median over the trials',
      [
        {
          expr: each(`faildrill_measured_seconds{${shown},statistic="median"}`),
          legend: '{{drill}}: {{metric}}({{subject}}) {{event}}',
        },
      ],
      { unit: 's', y: 33 },
    ),
    series(
      'Targets that were not met',
      [
        {
          expr: each(`faildrill_target_verdict{${shown},verdict!="pass"}`),
          legend: '{{drill}}: {{target}}: {{verdict}}',
        },
      ],
      { unit: 'none', y: 42 },
    ),
    series(
      'Trials that could not be used',
      [{ expr: each(`faildrill_drill_trials{${shown},state="invalid"}`), legend: '{{drill}}' }],
      { unit: 'none', y: 51 },
    ),
  ].map((panel, index) => ({ id: index + 1, ...panel })),
};
