import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { json, parseResult } from '../../src/report/json.js';
import { simulateTrials, targets } from '../fixtures/recording.js';

const result = analyze(simulateTrials([300e6, 9000e6], { scenario: targets('recovery_time(app) < 1s') }));
const text = json.render(result) as string;

test('a result is read as it was, endless figures included', () => {
  const [target] = result.targets;
  expect(target!.measured).toMatchObject({ value: Number.POSITIVE_INFINITY });
  expect(parseResult(text)).toEqual(result);
});

test.each([
  ['cut off', text.slice(0, 2000), 'not the result of a drill (result.json): no whole JSON'],
  ['something else', '{"version":1}', 'not the result of a drill (result.json)'],
  ['nothing', 'null', 'not the result of a drill (result.json)'],
  [
    'newer',
    text.replace('"version": 1', '"version": 2'),
    'made by a newer version of faildrill (result 2, this one reads 1)',
  ],
  [
    'older',
    text.replace('"version": 1', '"version": 0'),
    'made by an older version of faildrill (result 0, this one reads 1)',
  ],
])('what is %s is refused in words', (_, text, message) => {
  expect(() => parseResult(text)).toThrow(message);
});
