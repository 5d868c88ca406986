import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const SRC = new URL('../src/', import.meta.url).pathname;

interface Import {
  file: string;
  /** Module, from src/ where it is ours. */
  module: string;
  isType: boolean;
}

const imports: Import[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) =>
    [
      ...readFileSync(join(SRC, file), 'utf8').matchAll(
        /^(?:import|export)\s(type\s)?[^;]*?from\s'([^']+)'/gms,
      ),
    ].map(([, type, module = '']) => ({
      file,
      module: module.startsWith('.')
        ? normalize(join(dirname(file), module)).replace(/\.js$/, '.ts')
        : module,
      isType: type !== undefined,
    })),
  );

const violations = (rule: (use: Import) => boolean) =>
  imports.filter(rule).map(({ file, module }) => `${file} imports ${module}`);
const room = (path: string) => path.split('/')[0]!;

test('there is something to check', () => {
  expect(imports.length).toBeGreaterThan(200);
});

test('only linux/ touches koffi', () => {
  expect(violations(({ file, module }) => module === 'koffi' && room(file) !== 'linux')).toEqual([]);
});

test('only runtime/ and linux/ start processes', () => {
  const starts = ['execa', 'node:child_process'];
  expect(
    violations(({ file, module }) => starts.includes(module) && !['runtime', 'linux'].includes(room(file))),
  ).toEqual([]);
});

test('only kubernetes/ knows its client, and loads it when it is needed', () => {
  const isClient = ({ module }: Import) => module.startsWith('@kubernetes/');
  expect(violations((use) => isClient(use) && (room(use.file) !== 'kubernetes' || !use.isType))).toEqual([]);
});

test('faults, probes, watches, taps and the drill see a lab, never the inside of a runtime', () => {
  const rooms = ['faults', 'probes', 'watches', 'taps', 'drill', 'scenario', 'analysis', 'report'];
  const allowed = ['runtime/runtime.ts', 'runtime/errors.ts'];
  expect(
    violations(
      ({ file, module }) =>
        rooms.includes(room(file)) && module.startsWith('runtime/') && !allowed.includes(module),
    ),
  ).toEqual([]);
});

test('analysis/ and report/ import nothing that has effects', () => {
  const pure = [
    'analysis',
    'report',
    'scenario',
    'd3-scale',
    'd3-shape',
    'handlebars',
    '@dagrejs',
    'junit-report-builder',
    'picocolors',
    'simple-statistics',
    'diff',
    'paths.ts',
  ];
  const own = ['units', 'target', 'condition', 'implication'].map((name) => `scenario/${name}.ts`);
  const isBad = ({ file, module, isType }: Import) =>
    !isType &&
    (!pure.includes(room(module)) || (room(module) === 'scenario' && !own.includes(module))) &&
    !(file === 'report/html.ts' && module === 'node:fs');
  expect(violations((use) => ['analysis', 'report'].includes(room(use.file)) && isBad(use))).toEqual([]);
});

test('delivery/ takes results and reports, and sees nothing of how they came about', () => {
  const seen = ['analysis', 'report', 'document', 'delivery'];
  const isOurs = (module: string) => module.endsWith('.ts');
  expect(
    violations(
      ({ file, module }) => room(file) === 'delivery' && isOurs(module) && !seen.includes(room(module)),
    ),
  ).toEqual([]);
});

test('nothing below the recording computes a verdict, nothing above it touches a lab', () => {
  const judging = ['analyze', 'judge', 'result', 'decision', 'decider', 'comparison/compare'].map(
    (name) => `analysis/${name}.ts`,
  );
  const below = ['linux', 'runtime', 'faults', 'probes', 'watches', 'taps', 'drill', 'recording'];
  expect(violations(({ file, module }) => below.includes(room(file)) && judging.includes(module))).toEqual(
    [],
  );
  expect(
    violations(
      ({ file, module, isType }) =>
        ['analysis', 'report'].includes(room(file)) &&
        ['drill', 'runtime', 'linux'].includes(room(module)) &&
        !isType,
    ),
  ).toEqual([]);
});

test('the command line has no logic that others import', () => {
  expect(violations(({ file, module }) => room(module) === 'cli' && room(file) !== 'cli')).toEqual([]);
});
