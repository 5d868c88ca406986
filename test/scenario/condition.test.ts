import { expect, test } from 'vitest';
import { parseCondition } from '../../src/scenario/condition.js';

test.each([
  ['app loses nothing for 5s', { kind: 'loss', probe: 'app', most: 0, period: 5e9 }],
  ['app   loses nothing  for 5 s', { kind: 'loss', text: 'app loses nothing for 5 s' }],
  ['app loses less than 1.5% for 10s', { kind: 'loss', most: 0.015, period: 10e9 }],
  ['app loses more than 50 % for 20s', { kind: 'loss-above', least: 0.5, period: 20e9 }],
  ['app travels over isp1', { kind: 'path', probe: 'app', over: 'isp1' }],
  ['app travels over branch:eth1 <-> isp1:eth1', { kind: 'path', over: 'branch:eth1 <-> isp1:eth1' }],
  ['login is connected', { kind: 'connected', probe: 'login' }],
  ['alarm is active', { kind: 'watch', watch: 'alarm', active: true }],
  ['alarm is not active', { kind: 'watch', watch: 'alarm', active: false }],
])('%s', (text, expected) => {
  expect(parseCondition(text)).toMatchObject(expected);
});

test.each([
  '',
  'app',
  'app loses nothing',
  'app loses nothing for 0s',
  'app loses nothing for 5',
  'app is',
  'a b is active',
])('refuses "%s"', (text) => {
  expect(parseCondition(text)).toContain(`not a condition: "${text}"`);
});
