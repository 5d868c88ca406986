import { expect, test } from 'vitest';
import { ContainerlabError, ownWords } from '../../src/containerlab/errors.js';

test.each([
  [
    'a block under ERROR',
    "00:42:36 INFO Containerlab started version=0.79.0\n          \n   ERROR  \n          \n  Lab 'pair' not found - no running containers.          \n\n",
    "Lab 'pair' not found - no running containers",
  ],
  ['a block of several lines', '   ERROR  \n\n  One thing\n  and another.\n', 'One thing and another'],
  [
    "cobra's line",
    'time="x" level=info msg="Parsing"\nError: the lab is up already\n',
    'the lab is up already',
  ],
  ["logrus's line", 'time="x" level=error msg="image \\"a\\" was not found"\n', 'image "a" was not found'],
  [
    "the log's line",
    '00:42:37 INFO one\n00:42:37 ERRO it broke node=a\n00:42:38 INFO three',
    'it broke node=a',
  ],
  ['only a line', 'sudo: a password is required\n', 'sudo: a password is required'],
  ['nothing', '', 'it said nothing'],
])('%s', (_, log, words) => {
  expect(ownWords(log)).toBe(words);
});

test('an error keeps the end of the log', () => {
  const log = Array.from({ length: 50 }, (_, line) => `line ${line}  `).join('\n');
  const error = new ContainerlabError('no', { reason: 'failed', command: ['containerlab'], log });
  expect(error.log).toHaveLength(20);
  expect(error.log.at(-1)).toBe('line 49');
});
