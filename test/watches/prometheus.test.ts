import { expect, test } from 'vitest';
import { judgeAnswer } from '../../src/watches/prometheus.js';

const vector = (...values: string[]) =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) },
  });
const scalar = '{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}';

test.each<[string, string, boolean, string]>([
  [vector('0.5'), '> 0.5', false, 'value 0.5'],
  [vector('0.6'), '> 0.5', true, 'value 0.6'],
  [vector('0', '1'), '== 1', true, 'value 1'],
  [vector(), '!= 1', false, 'no data'],
  [vector('NaN'), '>= 0', false, 'value NaN'],
  [vector('+Inf'), '> 1e9', true, 'value Infinity'],
  [vector('-Inf'), '< -1', true, 'value -Infinity'],
  [scalar, '<= 2', true, 'value 2'],
])('%s %s', (answer, condition, active, detail) => {
  expect(judgeAnswer(answer, condition)).toEqual({ active, detail });
});

test.each([
  ['{"status":"error","errorType":"bad_data","error":"parse error"}', /parse error/],
  ['{"status":"success","data":{"resultType":"matrix","result":[{"values":[]}]}}', /no vector/],
  ['null', /no vector/],
  ['{"data":{"resultType":"vector","result":[null]}}', /no vector/],
  ['<html>', /not Prometheus/],
])('%s', (answer, message) => {
  expect(() => judgeAnswer(answer, '> 0')).toThrow(message);
});
