import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerOf,
  hasEcho,
  isPager,
  linesOf,
  refusalOf,
  USUAL_FAILURE,
  USUAL_PROMPT,
} from '../../src/ssh/screen.js';

const ESC = '\u001b';
const prompt = new RegExp(USUAL_PROMPT);

test.each([
  ['[admin@MikroTik] >'],
  ['[admin@MikroTik] /interface/vlan>'],
  ['[admin@branch-1] /ip route>'],
  ['FGT-1 #'],
  ['FGT-1 (root) #'],
  ['FGT-1 (port1) $'],
  ['ciscoasa>'],
  ['asa/pri/act#'],
  ['asa/sec/stby(config-if)#'],
  ['leaf1>'],
  ['leaf1#'],
  ['leaf1(config-if-Et1)#'],
  ['A:srl1#'],
  ['A:admin@srl1#'],
  ['admin@vsrx>'],
  ['admin@vsrx#'],
  ['root@vsrx:~ #'],
  ['root@srx:RE:0%'],
  ['admin@host:~$'],
  ['R1.example.net#'],
])('%j is a prompt', (line) => {
  expect(line).toMatch(prompt);
});

test.each([
  [''],
  ['Password:'],
  ['login as:'],
  ['Proceed with reload? [confirm]'],
  ['Username'],
  ['* Documentation: <https://example.net/>'],
  ['CPU states: 3% user, 1%'],
  ['10.0.0.2          1 Full/-'],
  ['--More--'],
  ['[admin@MikroTik] > /interface print'],
  ['leaf1#show ip ospf neighbor'],
])('%j is none', (line) => {
  expect(line).not.toMatch(prompt);
});

test.each([
  ['--More--'],
  ['-- More --'],
  ['<--- More --->'],
  ['---(more)---'],
  ['---(more 12%)---'],
  ['(END)'],
  [':'],
  ['-- [Q quit|D dump|down]'],
])('%j is a pager', (line) => {
  expect(isPager(line)).toBe(true);
});

test.each([['more'], ['leaf1#'], ['Neighbor ID:'], ['']])('%j is no pager', (line) => {
  expect(isPager(line)).toBe(false);
});

/** What comes after a command was sent, in the shape that each vendor's command line gives it. */
describe.each<{ vendor: string; command: string; received: string; answer: string; line: string }>([
  {
    vendor: 'RouterOS, which colours and draws its line anew with each key',
    command: '/interface print terse',
    received: `\r${ESC}[K[admin@branch] > /\r${ESC}[K[admin@branch] > ${ESC}[m${ESC}[36m/interface${ESC}[m ${ESC}[35mprint${ESC}[m terse\r\n\r${ESC}[K0 RS name=ether1 type=ether mtu=1500\r\n1 X  name=wan1 type=ether mtu=1500\r\n\r\n\r${ESC}[K\r\r\r\r${ESC}[K[admin@branch] > `,
    answer: '0 RS name=ether1 type=ether mtu=1500\n1 X  name=wan1 type=ether mtu=1500',
    line: '[admin@branch] >',
  },
  {
    vendor: 'FortiOS',
    command: 'get system ha status',
    received:
      'get system ha status\r\nHA Health Status: OK\r\nMode: HA A-P\r\nPrimary     : FGT-1, FGVM01, HA cluster index = 0\r\n\r\nFGT-1 # ',
    answer: 'HA Health Status: OK\nMode: HA A-P\nPrimary     : FGT-1, FGVM01, HA cluster index = 0',
    line: 'FGT-1 #',
  },
  {
    vendor: 'ASA, with the state of its pair in the prompt',
    command: 'show failover state',
    received:
      'show failover state\r\n\r\r\n               State          Last Failure Reason\r\nThis host  -   Primary\r\n               Active         None\r\n\r\nasa/pri/act# ',
    answer:
      '               State          Last Failure Reason\nThis host  -   Primary\n               Active         None',
    line: 'asa/pri/act#',
  },
  {
    vendor: 'EOS',
    command: 'show vrrp brief',
    received:
      'show vrrp brief\r\nPort       Group VRF Prio  State\r\nEt1            7     120   Master\r\nleaf1#',
    answer: 'Port       Group VRF Prio  State\nEt1            7     120   Master',
    line: 'leaf1#',
  },
  {
    vendor: 'SR Linux, basic engine, with its mode above the prompt',
    command: 'show interface ethernet-1/1',
    received: `show interface ethernet-1/1\r\n=====\r\nethernet-1/1 is up, speed 25G\r\n=====\r\n${ESC}[?2004h--{ running }--[  ]--\r\nA:admin@srl1# `,
    answer: '=====\nethernet-1/1 is up, speed 25G\n=====',
    line: 'A:admin@srl1#',
  },
  {
    vendor: 'Junos, with the state of its pair above the prompt',
    command: 'show interfaces terse ge-0/0/1',
    received:
      'show interfaces terse ge-0/0/1 \r\nInterface               Admin Link Proto    Local\r\nge-0/0/1                up    down\r\n\r\n{primary:node0}\r\nadmin@vsrx> ',
    answer: 'Interface               Admin Link Proto    Local\nge-0/0/1                up    down',
    line: 'admin@vsrx>',
  },
  {
    vendor: 'Junos, while it is configured',
    command: 'set interfaces ge-0/0/1 disable',
    received: 'set interfaces ge-0/0/1 disable \r\n\r\n[edit]\r\nadmin@vsrx# ',
    answer: '',
    line: 'admin@vsrx#',
  },
  {
    vendor: 'bash, with a title and bracketed paste',
    command: 'ip -br link',
    received: `ip -br link\r\n${ESC}[?2004l\rlo    UNKNOWN\r\n${ESC}]0;admin@gw: ~\u0007${ESC}[?2004h${ESC}[01;32madmin@gw${ESC}[00m:~$ `,
    answer: 'lo    UNKNOWN',
    line: 'admin@gw:~$',
  },
])('$vendor', ({ command, received, answer, line }) => {
  const lines = linesOf(received);

  test('the prompt is the last line', () => {
    expect(lines.at(-1)).toBe(line);
    expect(line).toMatch(prompt);
  });

  test('the answer is what stands between the echo and the prompt', () => {
    expect(hasEcho(lines, command)).toBe(true);
    expect(answerOf(lines, command)).toBe(answer);
  });

  test('wherever what came was cut, it is seen to be whole at its end at the earliest', () => {
    for (let length = 0; length < received.trimEnd().length; length++) {
      const part = linesOf(received.slice(0, length));
      const isWhole = hasEcho(part, command) && prompt.test(part.at(-1)!);
      // Colours may follow the last character of a prompt.
      if (isWhole) expect(part.at(-1)).toBe(line);
    }
  });
});

test('a command that is not echoed', () => {
  const lines = linesOf('\r\n10 routes\r\nr1#');
  expect(hasEcho(lines, 'show routes')).toBe(false);
  expect(answerOf(lines, 'show routes')).toBe('10 routes');
});

test.each([
  ['abc\b\bXY', 'aXY'],
  ['abc\rX', 'Xbc'],
  [`abc\r${ESC}[KX`, 'X'],
  [`abc${ESC}[2D${ESC}[PX`, 'aX'],
  [`ac${ESC}[D${ESC}[@b`, 'abc'],
  [`ab${ESC}[5Gx`, 'ab  x'],
  [`abc${ESC}[1K d`, '    d'],
  [`${ESC}[31;1mred${ESC}(B${ESC}[m`, 'red'],
  [`${ESC}P+q544e${ESC}\\x${ESC}7${ESC}8`, 'x'],
  [`a${ESC}[12`, 'a12'],
  ['K\u0007C', 'KC'],
])('a terminal shows %j as %j', (received, shown) => {
  expect(linesOf(received)).toEqual([shown]);
});

test('text without control characters is shown as it is', () => {
  const text = fc
    .string({ unit: 'grapheme-ascii' })
    .map((text) => text.trimEnd())
    .filter((text) => !text.includes('\u007f'));
  fc.assert(
    fc.property(fc.array(text), (lines) => {
      expect(linesOf(lines.join('\r\n'))).toEqual(lines.length === 0 ? [''] : lines);
    }),
  );
});

test.each([
  ['RouterOS', 'bad command name fnord (line 1 column 1)'],
  ['RouterOS', 'no such item'],
  ['RouterOS', 'failure: already disabled'],
  ['FortiOS', 'command parse error before "fnord"\nCommand fail. Return code -61'],
  ['ASA', "fnord\n^\nERROR: % Invalid input detected at '^' marker."],
  ['EOS', '% Invalid input'],
  ['FRR', '% Unknown command: fnord'],
  ['SR Linux', "Error: Path '.fnord' is not valid"],
  ['SR Linux', "Parsing error: Unknown token 'fnord'"],
  ['Junos', '    ^\nunknown command.'],
  ['Junos', 'error: configuration database modified'],
])('%s refuses: %j', (_, answer) => {
  expect(refusalOf(answer, USUAL_FAILURE)).toBe(answer.split('\n').join(' / '));
});

test.each([
  [''],
  ['Et1 is up, 0 input errors, 0 CRC'],
  ['Last error: none'],
  ['commit complete'],
  ['CPU 12 %'],
])('%j is no refusal', (answer) => {
  expect(refusalOf(answer, USUAL_FAILURE)).toBeUndefined();
});
