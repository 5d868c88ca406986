import { expect, test } from 'vitest';
import { parseOpenvpnState } from '../../src/watches/openvpn.js';

test.each([
  ['>STATE:1795296427,CONNECTED,SUCCESS,10.8.0.2,10.0.1.2,1194,,', { state: 'CONNECTED', why: 'SUCCESS' }],
  ['1795296427,RECONNECTING,ping-restart,,,,,', { state: 'RECONNECTING', why: 'ping-restart' }],
  ['1795296427,TCP_CONNECT', undefined],
  ['1795296427,WAIT,,', { state: 'WAIT', why: '' }],
  ['>INFO:OpenVPN Management Interface Version 5', undefined],
  ['SUCCESS: real-time state notification set to ON', undefined],
  ['END', undefined],
  ['', undefined],
])('OpenVPN says %j', (line, expected) => {
  expect(parseOpenvpnState(line)).toEqual(expected);
});
