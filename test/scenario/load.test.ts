import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../src/document/problem.js';
import { loadScenario } from '../../src/scenario/load.js';
import { SCENARIO, temporaryFolder, writeScenario } from '../fixtures/scenario.js';

/** Where and why a scenario is refused: `line:column: message`, a line each. */
function refusal(scenario: string, topology?: string): string {
  const folder = temporaryFolder();
  const file = writeScenario(folder, scenario, topology);
  try {
    loadScenario(file);
  } catch (error) {
    if (error instanceof InvalidInput) return error.message.replaceAll(`${folder}/`, '');
    throw error;
  }
  return 'accepted';
}

const changed = (from: string, to: string) => {
  expect(SCENARIO).toContain(from);
  return SCENARIO.replace(from, to);
};

test('a good scenario is read, with its defaults', () => {
  const { scenario, topology } = loadScenario(writeScenario(temporaryFolder()));
  expect(scenario).toMatchObject({ trials: 1, 'validation-time': 500e6, 'forwarding-delay-threshold': 2e9 });
  expect(scenario.probes.app).toMatchObject({ kind: 'udp', interval: 5e6, size: 64 });
  expect([...topology.nodes.keys()]).toEqual(['a', 'b']);
});

/** The scenario with an impairment instead of the cut. */
const impaired = (said: string) => changed('link-cut', 'impair').replace('mode: silent', said);

/** The scenario with faults that are drawn instead of the cut. */
const chaotic = (more = '', target = 'longest_loss_period(app) < 1s') =>
  changed('  - clear: cut\n', '')
    .replace(
      / {2}- inject[\s\S]*as: cut\n/,
      `  - chaos:
      faults:
        - { inject: link-cut, link: "a:eth1 <-> b:eth1" }
        - { inject: link-cut, link: "a:eth1 <-> b:eth1", mode: silent }
${more}      count: 3
      lasts: 1s to 2s
      rest: 1s to 3s
`,
    )
    .replace('loss_of_connectivity(app) < 1s', target);

test('faults to draw from may share a name, and a later step may use it', () => {
  expect(refusal(chaotic())).toBe('accepted');
  const later = '  - { inject: link-cut, link: "a:eth1 <-> b:eth1" }\n  - hold: 300ms';
  expect(refusal(chaotic().replace('  - hold: 300ms', later))).toBe('accepted');
});

/** The scenario with a bulk transfer instead of packets. */
const moving = (target: string, said = 'flows: 2') =>
  changed(
    'kind: udp, from: a, to: b, flows: 4, interval: 5ms, both-ways: true',
    `kind: bulk, from: a, to: b, ${said}`,
  )
    .replace('loss_of_connectivity(app) < 1s', target)
    .replace('app loses nothing for 200ms', 'app is connected');

test('a bulk transfer has its defaults, and may have to be connected', () => {
  expect(refusal(moving('goodput(app after cut) > 5mbit'))).toBe('accepted');
  const { scenario } = loadScenario(writeScenario(temporaryFolder(), moving('tcp_efficiency(app) > 99%')));
  expect(scenario.probes.app).toMatchObject({ kind: 'bulk', rate: 10e6, timeout: 10e9, 'both-ways': false });
});

/** The scenario with a call instead of packets. */
const calling = (target: string, said: string) =>
  changed(
    'kind: udp, from: a, to: b, flows: 4, interval: 5ms, both-ways: true',
    `kind: voip, from: a, to: b, ${said}`,
  ).replace('loss_of_connectivity(app) < 1s', target);

test.each([
  ['a score of a codec that has figures', 'mos(app) > 3.6', 'codec: g729', 'accepted'],
  ['what is lost of Opus', 'voice_loss(app) < 2%', 'codec: opus, bitrate: 24kbit', 'accepted'],
  [
    'a score of Opus',
    'mos(app) > 3.6',
    'codec: opus',
    '16:5: there is no mos of opus: ITU-T G.113 has no figures of it for the E-model, and a score without them would be made up; limit voice_loss and one_way_delay, or call with codec: g711 or g729',
  ],
  [
    'a bit rate of a codec that has one',
    'packets_lost(app) = 0',
    'bitrate: 24kbit',
    'g711 has one bit rate only',
  ],
  [
    'a bit rate that no encoder has',
    'packets_lost(app) = 0',
    'codec: opus, bitrate: 5kbit',
    'Opus has 6kbit to 510kbit',
  ],
])('a call: %s', (_, target, said, expected) => {
  expect(refusal(calling(target, said))).toContain(expected);
});

test('a link may be named the other way round', () => {
  expect(refusal(changed('a:eth1 <-> b:eth1', 'b:eth1<->a:eth1'))).toBe('accepted');
});

describe('a mistake is shown with its place, what was expected and the nearest name', () => {
  test.each([
    [
      'a misspelt key',
      changed('validation-time', 'validaton-time'),
      '4:1: unknown key "validaton-time"; did you mean "validation-time"?',
    ],
    [
      'a misspelt key of a probe',
      changed('flows:', 'flow:'),
      '6:37: unknown key "flow"; did you mean "flows"?',
    ],
    ['a misspelt key of a fault', changed('mode:', 'mod:'), '10:5: unknown key "mod"; did you mean "mode"?'],
    ['a key twice', changed('title:', 'name: again\ntitle:'), '2:1: this key stands here a second time'],
    ['no YAML', 'name: [', '1:8: not YAML'],
    [
      'a target that no trial can meet or miss by itself, in a drill that goes on until all are decided',
      changed('title:', 'until-decided: {}\ntitle:').replace('(app) < 1s', '(app) median = 0s'),
      '17:5: "loss_of_connectivity(app) median = 0s" cannot be decided trial by trial; say it without median',
    ],
    [
      'a share of no use',
      changed('title:', 'until-decided: { share: 10% }\ntitle:'),
      '2:25: expected a share from 50% to below 100%',
    ],
    ['a missing key', changed('title: The link between two hosts is cut\n', ''), '1:1: "title" is missing'],
    [
      'an unknown probe kind',
      changed('kind: udp', 'kind: udpp'),
      '6:16: unknown probe kind "udpp"; did you mean "udp"?',
    ],
    [
      'an unknown fault',
      changed('inject: link-cut', 'inject: link-cutt'),
      '8:13: unknown fault kind "link-cutt"; did you mean "link-cut"?',
    ],
    [
      'an unknown step',
      changed('hold: 300ms', 'hodl: 300ms'),
      '12:5: unknown step "hodl"; did you mean "hold"?',
    ],
    ['two steps in one', changed('hold: 300ms', 'hold: 300ms\n    clear: cut'), '12:5: a step has one of'],
    ['an unknown node', changed('from: a,', 'from: aa,'), '6:27: unknown node "aa"; did you mean "a"?'],
    [
      'an unknown link',
      changed('a:eth1 <-> b:eth1', 'a:eth1 <-> b:eth9'),
      '9:11: unknown link "a:eth1 <-> b:eth9"; did you mean "a:eth1 <-> b:eth1"?',
    ],
    [
      'an unknown probe in a target',
      changed('(app) <', '(ap) <'),
      '16:5: unknown probe "ap"; did you mean "app"?',
    ],
    [
      'an unknown metric',
      changed('loss_of_connectivity', 'loss_of_conectivity'),
      '16:5: unknown metric "loss_of_conectivity"; did you mean "loss_of_connectivity"?',
    ],
    [
      'a duration without a unit',
      changed('interval: 5ms', 'interval: 5'),
      '6:57: expected a duration with a unit',
    ],
    [
      'a negative interval',
      changed('interval: 5ms', 'interval: -5ms'),
      '6:57: expected a duration with a unit',
    ],
    [
      'a wait without a unit',
      changed('wait: { for: recovery, within: 10s }', 'wait: 5'),
      '14:11: expected a duration with a unit, as 5ms, 2s or 1m; or expected keys with values, not 5',
    ],
    [
      'an unknown node of a watch',
      `${SCENARIO}watches: { w: { kind: route, node: c, prefix: default, via: eth1 } }\n`,
      '19:36: unknown node "c"',
    ],
    [
      'no prefix',
      `${SCENARIO}watches: { w: { kind: route, node: a, prefix: 10.0.0.0/33, via: eth1 } }\n`,
      '19:47: expected a prefix as 10.2.0.0/24, or "default"',
    ],
    [
      'an unknown watch in a condition',
      `${SCENARIO}watches: { w: { kind: log, node: a, match: x } }\nabort-if: [v is active]\n`,
      '20:12: unknown watch "v"; there is "w"',
    ],
    [
      'an unknown watch in a target',
      `${changed('loss_of_connectivity(app) < 1s', 'detection_time(alram) < 1s')}watches: { alarm: { kind: log, node: a, match: x } }\n`,
      '16:5: unknown watch "alram"; did you mean "alarm"?',
    ],
    [
      'how long an instant lasts',
      `${changed('loss_of_connectivity(app) < 1s', 'overlap_time(w, w) < 1s')}watches: { w: { kind: log, node: a, match: x } }\n`,
      '16:5: overlap_time is of what is so for some time; "w", of kind log, sees instants',
    ],
    [
      'a count of what a watch may miss',
      `${changed('loss_of_connectivity(app) < 1s', 'signals(up) = 0')}watches: { up: { kind: command, node: a, command: x } }\n`,
      '16:5: signals counts what a watch senses; "up", of kind command, only looks from time to time',
    ],
    [
      'an interval of zero',
      changed('interval: 5ms', 'interval: 0ms'),
      '6:57: expected a duration longer than zero',
    ],
    [
      'too short an interval',
      changed('interval: 5ms', 'interval: 500us'),
      '6:57: expected an interval of at least 1ms',
    ],
    [
      'a target that the probe cannot resolve',
      changed('< 1s', '< 9ms'),
      '16:5: the probe "app" sends every 5 ms and cannot resolve 9 ms; the least it can is 10 ms',
    ],
    [
      'a target in the wrong unit',
      changed('< 1s', '< 3'),
      '16:5: loss_of_connectivity is limited by a duration',
    ],
    [
      'a target on what is not measured',
      changed('loss_of_connectivity(app) < 1s', 'sessions_survived(app) = 100%'),
      '16:5: the scenario does not measure sessions_survived with "app", of kind udp; no probe of it can',
    ],
    [
      'leaks where no link is labelled',
      changed('loss_of_connectivity(app) < 1s', 'leaked_packets(app) = 0'),
      '16:5: leaked_packets is of links that are labelled as transit, and the lab has none: labels: { transit: "true" }',
    ],
    [
      'a target after an unknown fault',
      changed('(app)', '(app after cat)'),
      '16:5: unknown fault "cat"; did you mean "cut"?',
    ],
    [
      'a clearing that never comes',
      changed('  - clear: cut\n', '').replace('(app)', '(app after clear cut)'),
      '15:5: the fault "cut" is never cleared',
    ],
    [
      'clearing what is not in effect',
      changed('clear: cut', 'clear: cat'),
      '13:12: unknown fault in effect "cat"; did you mean "cut"?',
    ],
    [
      'a fault twice',
      changed('  - hold: 300ms\n', '  - { inject: link-cut, link: "a:eth2 <-> b:eth2", as: cut }\n'),
      '12:5: the fault "cut" is in effect already',
    ],
    [
      'a one-way cut without its end',
      changed('mode: silent', 'mode: one-way'),
      '8:5: a one-way cut needs "from", the node whose packets vanish: a or b',
    ],
    [
      'a one-way cut from elsewhere',
      changed('mode: silent', 'mode: one-way\n    from: c'),
      '11:11: unknown node "c"',
    ],
    ['an impairment of nothing', impaired(''), '8:13: expected something to impair: delay, loss, rate, ...'],
    ['an impairment from elsewhere', impaired('delay: 5ms\n    from: c'), '11:11: unknown node "c"'],
    [
      'more loss than there is',
      impaired('loss: 120%'),
      '10:11: expected a percentage from 0% to 100%, as 5%',
    ],
    ['loss without a sign', impaired('loss: 5'), '10:11: expected a percentage from 0% to 100%, as 5%'],
    ['a gap without reordering', impaired('delay: 5ms\n    gap: 3'), '11:10: "gap" needs "reorder"'],
    ['a misspelt parameter', impaired('dealy: 5ms'), '10:5: unknown key "dealy"; did you mean "delay"?'],
    [
      'a match of nothing',
      impaired('delay: 5ms\n    match: {}'),
      '11:12: expected at least one of protocol, source, destination',
    ],
    [
      'addresses of two versions of IP',
      impaired('loss: 5%\n    match: { source: 10.0.0.1, destination: "2001:db8::1" }'),
      '11:12: source and destination are of different versions of IP',
    ],
    [
      'an impairment that goes with the power of a node',
      impaired('delay: 5ms').replace('  - hold: 300ms', '  - { inject: node-stop, node: b }'),
      '9:11: a step cuts the power of "b" at the end of this link; node-pause can stop the node',
    ],
    [
      'an impairment of a link that is cut',
      changed('  - hold: 300ms', '  - { inject: impair, link: "b:eth1 <-> a:eth1", delay: 5ms }'),
      '12:29: "cut" has cut this link, so there is nothing to impair on it',
    ],
    [
      'a fault to draw that the lab has no link for',
      chaotic('        - { inject: link-cut, link: "a:eth1 <-> b:eth9" }\n'),
      '12:37: unknown link "a:eth1 <-> b:eth9"; did you mean "a:eth1 <-> b:eth1"?',
    ],
    [
      'a single fault to draw from',
      chaotic().replace(/.*mode: silent.*\n/, ''),
      '10:9: expected at least 2 items',
    ],
    ['a range upside down', chaotic().replace('1s to 2s', '2s to 1s'), '13:14: expected two durations'],
    ['a range without an end', chaotic().replace('1s to 2s', '1s'), '13:14: expected two durations'],
    ['a range without a unit', chaotic().replace('1s to 2s', '1 to 2'), '13:14: expected two durations'],
    [
      'a target after a fault that is drawn',
      chaotic('', 'loss_of_connectivity(app after link-cut) < 1s'),
      '18:5: unknown fault "link-cut"',
    ],
    [
      'a target that is measured from a fault that is drawn',
      chaotic('', 'recovery_time(app) < 1s'),
      '18:5: this is measured from a fault that a chaos step draws',
    ],
    [
      'waiting for an unknown watch',
      changed('for: recovery', 'for: recovry'),
      '14:18: unknown thing to wait for "recovry"; did you mean "recovery"?',
    ],
    [
      'an unknown condition',
      changed('- app loses nothing for 200ms', '- app is fine'),
      '18:5: not a condition: "app is fine"',
    ],
    [
      'a path that cannot be told',
      changed('interval: 5ms', 'interval: 100ms').replace('loses nothing for 200ms', 'travels over b'),
      '18:5: the path of app cannot be told from other traffic',
    ],
    [
      'a body to check that is not waited for',
      changed(
        'kind: udp, from: a, to: b, flows: 4, interval: 5ms, both-ways: true',
        'kind: http, from: a, to: b, until: first-byte, body: well',
      ),
      '6:63: the body comes after the first byte; leave one of the two out',
    ],
    [
      'goodput of a probe that moves no data',
      changed('loss_of_connectivity(app) < 1s', 'goodput(app) > 5mbit'),
      '16:5: the scenario does not measure goodput with "app", of kind udp; no probe of it can',
    ],
    [
      'goodput without a bit rate',
      moving('goodput(app) > 5'),
      '16:5: goodput is limited by a bit rate, as 10mbit',
    ],
    [
      'a transfer without a rate',
      moving('goodput(app) > 5mbit', 'rate: 0mbit'),
      '6:44: expected a bit rate with a unit',
    ],
    [
      'a transfer that is given up at once',
      moving('goodput(app) > 5mbit', 'timeout: 10ms'),
      '6:47: expected a timeout of at least 100ms',
    ],
    [
      'the loss of a transfer',
      moving('goodput(app) > 5mbit').replace('app is connected', 'app loses nothing for 2s'),
      '18:5: probe "app" counts nothing that could be lost; its goodput is a target\'s',
    ],
    [
      'what only the sender of a transfer could tell, of iperf3',
      moving('tcp_efficiency(app) > 99%').replace('kind: bulk', 'kind: iperf3'),
      '16:5: the scenario does not measure tcp_efficiency with "app", of kind iperf3',
    ],
    [
      'a connection that iperf3 does not tell of',
      moving('goodput(app) > 5mbit').replace('kind: bulk', 'kind: iperf3'),
      '18:5: probe "app" has no sessions that could be connected',
    ],
    [
      'a direction that there is none of',
      moving('goodput(app) > 5mbit', 'direction: ther').replace('kind: bulk', 'kind: iperf3'),
      '6:51: unknown value "ther"; did you mean "there"?',
    ],
    [
      'a command that is not said',
      moving('packet_loss(app) < 5%', 'interval: 1s').replace('kind: bulk', 'kind: exec'),
      '6:3: "command" is missing',
    ],
    [
      'a command that is to be run all the time',
      moving('packet_loss(app) < 5%', 'interval: 10ms, command: x').replace('kind: bulk', 'kind: exec'),
      '6:48: expected an interval of at least 50ms',
    ],
    ['a probe to itself', changed('to: b', 'to: a'), '6:34: a probe needs two different nodes'],
    ['a missing lab', changed('lab: pair.clab.yml', 'lab: nowhere.clab.yml'), '3:6: there is no'],
  ])('%s', (_, scenario, expected) => {
    expect(refusal(scenario)).toContain(`pair-cut.drill.yml:${expected}`);
  });

  test('every mistake is shown at once', () => {
    const lines = refusal(
      changed('from: a,', 'from: x1,').replace('for: recovery', 'for: x2').replace('(app) <', '(x3) <'),
    );
    expect(lines.split('\n')).toHaveLength(3);
  });

  test('a mistake in the topology is shown in the topology', () => {
    expect(refusal(SCENARIO, 'name: pair\ntopolgy: {}\n')).toContain(
      'pair.clab.yml:2:1: unknown key "topolgy"; did you mean "topology"?',
    );
  });
});

test('a folder as lab needs exactly one topology', () => {
  const folder = temporaryFolder();
  const file = writeScenario(folder, changed('lab: pair.clab.yml', 'lab: .'));
  expect(loadScenario(file).topology.file).toBe(join(folder, 'pair.clab.yml'));
});

test('a file that is not there', () => {
  expect(() => loadScenario('/nowhere/x.drill.yml')).toThrow(
    '/nowhere/x.drill.yml:1:1: there is no such file',
  );
});
