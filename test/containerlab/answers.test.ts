import { describe, expect, test } from 'vitest';
import {
  failedExecs,
  nanosecondsOf,
  parseEvent,
  parseExec,
  parseInspect,
  parseNetem,
} from '../../src/containerlab/answers.js';

const container = {
  lab_name: 'pair',
  labPath: 'pair.clab.yml',
  name: 'clab-pair-a',
  container_id: '1c204a09578e',
  image: 'faildrill/host',
  kind: 'linux',
  state: 'running',
  ipv4_address: 'N/A',
  ipv6_address: '3fff:172:20:20::2/64',
};
const read = {
  lab: 'pair',
  name: 'clab-pair-a',
  id: '1c204a09578e',
  image: 'faildrill/host',
  kind: 'linux',
  state: 'running',
  ipv4: undefined,
  ipv6: '3fff:172:20:20::2/64',
};

describe('inspect', () => {
  test.each([
    ['as of 0.68', { pair: [{ ...container, absLabPath: '/labs/pair.clab.yml' }] }, '/labs/pair.clab.yml'],
    ['before', { containers: [container] }, 'pair.clab.yml'],
  ])('is read %s', (_, said, topology) => {
    expect(parseInspect(JSON.stringify(said))).toEqual([{ ...read, topology }]);
  });

  test('a lab that is called like the key of the old shape', () => {
    const said = { containers: [{ ...container, lab_name: 'containers' }], other: [] };
    expect(parseInspect(JSON.stringify(said)).map(({ lab }) => lab)).toEqual(['containers']);
  });

  test('no lab is no container', () => {
    expect(parseInspect('{}')).toEqual([]);
  });

  test('anything else is refused', () => {
    expect(() => parseInspect('{"pair": [{"name": 1}]}')).toThrow();
  });
});

test('exec: what is JSON itself is given as the text that it was', () => {
  const said = {
    'clab-pair-a': [
      { cmd: ['ip', '-j', 'a'], 'return-code': 0, stdout: [{ ifname: 'lo' }], stderr: '' },
      { cmd: ['sh', '-c', 'echo hi; exit 3'], 'return-code': 3, stdout: 'hi\n', stderr: 'no\n' },
    ],
  };
  expect(parseExec(JSON.stringify(said))).toEqual([
    { container: 'clab-pair-a', argv: ['ip', '-j', 'a'], code: 0, stdout: '[{"ifname":"lo"}]', stderr: '' },
    {
      container: 'clab-pair-a',
      argv: ['sh', '-c', 'echo hi; exit 3'],
      code: 3,
      stdout: 'hi\n',
      stderr: 'no\n',
    },
  ]);
});

test.each([
  ['2026-11-22T00:48:59.168859513Z', 1795308539168859513n],
  ['2026-11-22T00:48:59Z', 1795308539000000000n],
  ['2026-11-22T00:48:59.5Z', 1795308539500000000n],
  ['2026-11-22T01:48:59.000000001+01:00', 1795308539000000001n],
])('the instant %s is kept to the nanosecond', (text, nanoseconds) => {
  expect(nanosecondsOf(text)).toBe(nanoseconds);
});

test('no instant is refused', () => {
  expect(() => nanosecondsOf('yesterday')).toThrow('not an instant: yesterday');
});

test('an event', () => {
  const line =
    '{"timestamp":"2026-11-22T00:48:59.168859513Z","type":"container","action":"die","actor_id":"4a721c4d7a1c","actor_name":"clab-pair-a","actor_full_id":"4a","attributes":{"exitCode":"137"}}';
  expect(parseEvent(line)).toEqual({
    time: 1795308539168859513n,
    type: 'container',
    action: 'die',
    container: 'clab-pair-a',
    attributes: { exitCode: '137' },
  });
});

test('netem: what is shown, and a container without', () => {
  const one = { interface: 'eth1', delay: '10ms', jitter: '', packet_loss: 1.5, rate: 100, corruption: 0 };
  expect(parseNetem(JSON.stringify({ 'clab-pair-a': [one] }))).toEqual([
    { interface: 'eth1', delay: '10ms', jitter: '', loss: 1.5, rate: 100, corruption: 0 },
  ]);
  expect(parseNetem('{"clab-pair-a": null}')).toEqual([]);
});

describe('commands of exec that failed', () => {
  test.each([
    [
      'as of 0.65',
      '00:48:17 ERRO Failed to execute command command="nosuch \\"x\\"" node=a rc=126\n  stdout=\n  │ OCI runtime\n stderr=""',
      { node: 'a', command: 'nosuch "x"', code: 126 },
    ],
    [
      'without quotes',
      '00:48:17 ERRO Failed to execute command command=false node=a rc=1 stdout="" stderr=""',
      { node: 'a', command: 'false', code: 1 },
    ],
    [
      'before',
      'time="2023-11-22T00:48:17Z" level=error msg="Failed to execute command \\"sh -c false\\" on the node \\"clab-pair-a\\". rc=1,\\nstdout:\\n\\nstderr:\\n"',
      { node: 'clab-pair-a', command: 'sh -c false', code: 1 },
    ],
  ])('are found in the log %s', (_, log, expected) => {
    expect(failedExecs(`00:48:17 INFO Executed command node=b command=true\n${log}`)).toEqual([
      { ...expected, line: log.split('\n')[0] },
    ]);
  });

  test('none where all went well', () => {
    expect(failedExecs('00:48:17 INFO Executed command node=a command="true" stdout=""')).toEqual([]);
  });
});
