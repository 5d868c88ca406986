import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../src/document/problem.js';
import { packageFile } from '../../src/paths.js';
import { loadScenario } from '../../src/scenario/load.js';
import { asksPeople } from '../../src/scenario/operators.js';
import { SCENARIO, temporaryFolder, writeScenario } from '../fixtures/scenario.js';
import { faildrill } from '../lab/drill.js';

/** The scenario with more steps before its last one, and more targets. */
const asking = (steps: string[], targets: string[] = []) =>
  SCENARIO.replace(
    '  - clear: cut',
    [...steps.map((step) => `  - ${step}`), '  - clear: cut'].join('\n'),
  ).replace('targets:', ['targets:', ...targets.map((target) => `  - ${target}`)].join('\n'));

const TICKET = '{ operator: Open a ticket, as: ticket }';

function refusal(scenario: string): string {
  try {
    loadScenario(writeScenario(temporaryFolder(), scenario));
    return 'accepted';
  } catch (error) {
    if (error instanceof InvalidInput) return error.message.replace(/^.*?\.yml:/, '');
    throw error;
  }
}

test('an operator step has its defaults', () => {
  const { scenario } = loadScenario(writeScenario(temporaryFolder(), asking([TICKET])));
  expect(scenario.steps[2]).toEqual({ operator: 'Open a ticket', as: 'ticket', within: 30 * 60e9 });
});

test.each([
  ['no name', asking(['{ operator: Open a ticket }']), '13:5: "as" is missing'],
  ['no instruction', asking(['{ operator: "", as: x }']), '13:17: expected at least 1 character'],
  ['the same name twice', asking([TICKET, TICKET]), '14:36: "ticket" is the name of another operator step'],
  [
    'a step that there is not',
    asking([TICKET], ['operator_response_time(tickte) < 1m']),
    'unknown operator step "tickte"; did you mean "ticket"?',
  ],
  [
    'a response after an event',
    asking([TICKET], ['operator_response_time(ticket after cut) < 1m']),
    'operator_response_time is about the whole trial; leave "after" out',
  ],
  [
    'detection of something',
    asking([TICKET], ['operator_detection_time(app) < 1m']),
    'operator_detection_time is of whoever notices first: operator_detection_time, or operator_detection_time(after cut)',
  ],
  ['detection after an event', asking([TICKET], ['operator_detection_time(after cut) < 1m']), 'accepted'],
  [
    'a notice of a probe',
    asking(['wait: { for: notice, of: app, within: 1m }']),
    'people notice what they notice; leave "of" out',
  ],
  [
    'a watch that is called notice',
    SCENARIO.replace('steps:', 'watches: { notice: { kind: carrier, node: a, interface: eth1 } }\nsteps:'),
    '"notice" is something else to wait for already',
  ],
])('%s', (_, scenario, message) => {
  expect(refusal(scenario)).toContain(message);
});

test.each([
  [[], [], false],
  [[TICKET], [], true],
  [['wait: { for: notice, within: 1m }'], [], true],
  [[], ['operator_detection_time < 1m'], true],
  [['wait: { for: recovery, within: 1m }'], ['recovery_time(app) < 1m'], false],
])('steps %j and targets %j: asks people: %s', (steps, targets, isAsking) => {
  const { scenario } = loadScenario(writeScenario(temporaryFolder(), asking(steps, targets)));
  expect(asksPeople(scenario)).toBe(isAsking);
});

describe('without a terminal and without a page', () => {
  test('a drill that asks people is refused before anything is built', async () => {
    const folder = temporaryFolder();
    const { exitCode, stdout, stderr } = await faildrill(
      folder,
      'run',
      writeScenario(folder, asking([TICKET])),
    );
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 4,
      stdout: '',
      stderr:
        'error pair-cut asks people, and there is neither a terminal nor a page to answer on\nhint  run it on a terminal, with --ui, or with --operators skip: then their targets are not decided',
    });
  });

  test.each([['0'], ['70000'], ['x']])('port %s is none', async (port) => {
    const folder = temporaryFolder();
    const { exitCode, stderr } = await faildrill(folder, 'run', writeScenario(folder), '--ui-port', port);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('expected a port, from 1 to 65535');
  });
});

test('the example of the handbook is valid', async () => {
  const { exitCode, stderr } = await faildrill(packageFile('docs'), 'validate', 'game-day.drill.yml');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});
