import { createRequire } from 'node:module';
import type { KnownBlock } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { DrillResult } from '../../src/analysis/result.js';
import { mattermostMessage } from '../../src/delivery/mattermost.js';
import { groupOf } from '../../src/delivery/pushgateway.js';
import { slackMessage } from '../../src/delivery/slack.js';
import { teamsMessage } from '../../src/delivery/teams.js';
import { webhookMessage } from '../../src/delivery/webhook.js';
import { messageParts } from '../../src/report/messages.js';
import { simulate, targets } from '../fixtures/recording.js';

// What it exports by itself cannot be loaded by Node; its bundle can.
const cards: typeof import('adaptivecards') = createRequire(import.meta.url)(
  'adaptivecards/dist/adaptivecards.js',
);

const MS = 1e6;
const NASTY = `<!channel> [x](https://x) *b* _i_ \`c\` "q" & a,b ü 😀\n# \u0007\ud800`;
const KEPT = NASTY.replace('\n', ' ').replace('\u0007\ud800', '\ufffd\ufffd');

/** A drill with an outage of 1.5 seconds. */
function drilled(...limits: string[]): DrillResult {
  const result = analyze(
    simulate({
      passes: (at) => at < 2000 * MS || at >= 3500 * MS,
      faults: [
        { action: 'inject', before: 2000 * MS, after: 2001 * MS },
        { action: 'clear', before: 6000 * MS, after: 6001 * MS },
      ],
      scenario: targets(...limits),
    }),
  );
  return { ...result, title: NASTY };
}

const few = () => drilled('recovery_time(app) < 10s', 'recovery_time(app) < 1s');

/** More of everything than any chat takes. */
function long(): DrillResult {
  const result = drilled(...Array.from({ length: 60 }, (_, index) => `recovery_time(app) < ${index + 1}s`));
  const endless = '😀'.repeat(5000);
  return {
    ...result,
    title: endless,
    reason: endless,
    failures: Array(100).fill(endless),
    targets: result.targets.map((target) => ({ ...target, text: endless })),
  };
}

test('what was not met comes first, and what is left out is counted', () => {
  expect(messageParts(few()).targets.map(({ name }) => name)).toEqual([
    '✗ recovery_time(app) < 1s',
    '✓ recovery_time(app) < 10s',
  ]);
  const { targets, more } = messageParts(long());
  expect([targets.length, more]).toEqual([10, ['and 50 more targets']]);
});

describe('Slack', () => {
  // Its type is what Slack's own library says that blocks are.
  const blocksOf = (result: DrillResult): KnownBlock[] => slackMessage({ result }).blocks;

  test('names stand in plain text alone, and the notification mentions nobody', () => {
    const result = few();
    const written = JSON.stringify(blocksOf(result));
    expect(written).not.toContain('mrkdwn');
    expect(written).toContain(JSON.stringify(KEPT).slice(1, -1));
    expect(slackMessage({ result }).text).toMatch(/^✗ FAIL: &lt;!channel&gt;/);
  });

  // Source: Slack's reference of Block Kit.
  test('nothing is longer than it takes', () => {
    const blocks = blocksOf(long());
    expect(blocks.length).toBeLessThanOrEqual(50);
    const length = (text: string) => [...text].length;
    const [header, section, fields] = blocks as unknown as [
      { text: { text: string } },
      { text: { text: string } },
      { fields: { text: string }[] },
    ];
    expect(length(header.text.text)).toBeLessThanOrEqual(150);
    expect(length(section.text.text)).toBeLessThanOrEqual(3000);
    expect(fields.fields).toHaveLength(10);
    for (const { text } of fields.fields) expect(length(text)).toBeLessThanOrEqual(2000);
  });
});

describe('Teams', () => {
  /** Reads a card by the library of its makers. */
  function parse(result: DrillResult) {
    const context = new cards.SerializationContext();
    const card = new cards.AdaptiveCard();
    card.parse(teamsMessage({ result }).attachments[0]!.content, context);
    const events = Array.from(
      { length: context.eventCount },
      (_, index) => context.getEventAt(index).message,
    );
    const texts = Array.from({ length: card.getItemCount() }, (_, index) => {
      const block = card.getItemAt(index) as InstanceType<typeof cards.RichTextBlock>;
      return (block.getInlineAt(0) as InstanceType<typeof cards.TextRun>).text;
    });
    return { events, texts };
  }

  test('a card that its makers have nothing to say about, with names as they are', () => {
    const { events, texts } = parse(few());
    expect(events).toEqual([]);
    expect(texts[0]).toBe(`✗ FAIL: ${KEPT}`);
    expect(texts).toContain('✗ recovery_time(app) < 1s');
  });

  test('is below the 28 KB that Teams takes', () => {
    const size = Buffer.byteLength(JSON.stringify(teamsMessage({ result: long() })));
    expect(size).toBeGreaterThan(10_000);
    expect(size).toBeLessThan(28_000);
  });
});

test('Mattermost: names are no markup', () => {
  const [attachment] = mattermostMessage({ result: few() }).attachments;
  expect(attachment!.title).toContain('\\<!channel\\> \\[x\\](https://x) \\*b\\* \\_i\\_ \\`c\\`');
  expect(attachment!.fields[0]!.title).toBe('✗ recovery\\_time(app) \\< 1s');
});

test('programs: the figures as they are, without what fills a report', () => {
  const result = few();
  const message = JSON.parse(JSON.stringify(webhookMessage({ result }))) as Partial<DrillResult>;
  expect(message.title).toBe(NASTY);
  expect(message.targets![1]).toEqual({
    text: 'recovery_time(app) < 1s',
    verdict: 'fail',
    unit: 'duration',
    comparison: '<',
    limit: 1e9,
    measured: expect.objectContaining({ value: result.targets[1]!.measured!.value }),
  });
  expect(message).not.toHaveProperty('trials');
});

test.each([
  ['http://push', 'http://push/metrics/job/faildrill/drill@base64/YS1j'],
  ['http://push/behind/', 'http://push/behind/metrics/job/faildrill/drill@base64/YS1j'],
])('a drill has a group of its own in a Pushgateway: %s', (gateway, group) => {
  expect(groupOf(new URL(gateway), 'a-c').href).toBe(group);
});
