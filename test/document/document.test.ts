import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { Document } from '../../src/document/document.js';
import { regularExpression } from '../../src/scenario/units.js';

const schema = z.strictObject({
  name: z.string().optional(),
  count: z.int().min(1).max(200).optional(),
  mode: z.enum(['carrier', 'silent']).optional(),
  items: z.array(z.string()).min(1).optional(),
  pattern: regularExpression.optional(),
  either: z.union([z.string().regex(/s$/, 'expected a duration'), z.strictObject({ k: z.int() })]).optional(),
});

/** What is said of a text, without the file's name. */
function said(text: string): string {
  try {
    new Document({ file: 'x', text }).check(schema);
    return 'accepted';
  } catch (error) {
    return (error as Error).message.replaceAll('x:', '');
  }
}

const list = (item: string, count: number) => `[${Array(count).fill(item)}]`;

describe('what is not YAML as it is wanted here', () => {
  test.each([
    ['not YAML', 'name: "\n', '2:1: not YAML: Missing closing "quote'],
    ['a tab', 'either:\n\tk: 1\n', '2:1: not YAML: Tabs are not allowed'],
    ['a key twice', 'name: a\nname: b\n', '2:1: this key stands here a second time'],
    ['a second document', 'name: a\n---\nname: b\n', '2:1: a second document starts here'],
    ['an unknown anchor', 'name: *there\n', '1:7: there is no anchor "&there" before this'],
    [
      'aliases that multiply',
      `a: &a ${list('1', 9)}\nb: &b ${list('*a', 9)}\nc: &c ${list('*b', 9)}\nd: ${list('*c', 9)}\n`,
      '1:1: its aliases multiply to more than any file needs',
    ],
    ['nothing', '', '1:1: expected keys with values, not nothing'],
    ['a list', '- name', '1:1: expected keys with values, not a list'],
    ['text', 'name', '1:1: expected keys with values, not text'],
  ])('%s', (_, text, expected) => {
    expect(said(text)).toContain(expected);
  });
});

describe('what is not as the schema wants it', () => {
  test.each([
    ['a number for text', 'name: 12', '1:7: expected text, not 12'],
    ['nothing for text', 'name:', '1:6: expected text, not nothing'],
    ['text for a number', 'count: four', '1:8: expected a number, not text'],
    ['a fraction', 'count: 1.5', '1:8: expected a whole number, not 1.5'],
    ['too few', 'count: 0', '1:8: expected at least 1'],
    ['too many', 'count: 201', '1:8: expected at most 200'],
    ['an empty list', 'items: []', '1:8: expected at least 1 item'],
    ['a misspelt word', 'mode: silnt', '1:7: unknown value "silnt"; did you mean "silent"?'],
    ['a number for a word', 'mode: 4', '1:7: expected carrier or silent'],
    ['no regular expression', 'pattern: (', '1:10: expected a regular expression'],
    ['none of two', 'either: 5', '1:9: expected text, not 5; or expected keys with values, not 5'],
    ['nearly the first of two', 'either: 5m', '1:9: expected a duration'],
    ['nearly the second of two', 'either: { k: x }', '1:14: expected a number, not text'],
    ['an unknown key', 'nmae: x', '1:1: unknown key "nmae"; did you mean "name"?'],
  ])('%s', (_, text, expected) => {
    expect(said(text)).toContain(expected);
  });
});
