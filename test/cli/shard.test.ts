import { expect, test } from 'vitest';
import { shardOption } from '../../src/cli/shard.js';

test.each([
  ['2/4', { shard: 2, of: 4 }],
  ['1/1', { shard: 1, of: 1 }],
  ['10000/10000', { shard: 10_000, of: 10_000 }],
])('%s', (text, option) => expect(shardOption(text)).toEqual(option));

test.each(['0/3', '4/3', '2', '1/100000', '02/4'])('%s is none', (text) =>
  expect(() => shardOption(text)).toThrow('expected which of how many'),
);
