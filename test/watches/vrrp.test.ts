import { expect, test } from 'vitest';
import { parseVrrpChange } from '../../src/watches/vrrp.js';

test.each([
  ['Sat Nov 21 21:05:39 2026: (pair) Entering BACKUP STATE (init)', { instance: 'pair', state: 'backup' }],
  ['(pair) Entering MASTER STATE', { instance: 'pair', state: 'master' }],
  ['Keepalived_vrrp[9]: VRRP_Instance(VI_1) Entering FAULT STATE', { instance: 'VI_1', state: 'fault' }],
  ['(pair) Receive advertisement timeout', undefined],
  ['(pair) Entering', undefined],
  ['', undefined],
])('keepalived says %j', (line, expected) => {
  expect(parseVrrpChange(line)).toEqual(expected);
});
