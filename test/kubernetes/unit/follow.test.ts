import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fetchable,
  heard,
  indexSet,
  initialState,
  isOver,
  type JobView,
  type RunState,
  releasable,
  type Word,
} from '../../../src/kubernetes/follow.js';
import type { PodView } from '../../../src/kubernetes/pod-view.js';

const pod = (index: number, number: number, change: Partial<PodView> = {}): PodView => ({
  name: `run-${index}-${number}`,
  index,
  stage: 'pending',
  isHopeless: false,
  isHolding: false,
  ...change,
});
const ended = (index: number, number: number, code: number) =>
  pod(index, number, { stage: 'ended', code, isHolding: true });
const job = (view: { completed?: number[]; failed?: number[]; ended?: string }): Word => ({
  k: 'job',
  job: {
    completed: new Set(view.completed),
    failed: new Set(view.failed),
    ...(view.ended !== undefined && { ended: view.ended }),
  } satisfies JobView,
});
const told = (indexes: number, ...words: Word[]): RunState =>
  words.reduce((state, word) => heard(state, word), initialState(indexes));
const phases = ({ indexes }: RunState) => indexes.map(({ phase }) => phase);

test.each([
  ['', []],
  [undefined, []],
  ['3', [3]],
  ['0,2-4,7', [0, 2, 3, 4, 7]],
])('the indexes %s', (text, indexes) => {
  expect([...indexSet(text)]).toEqual(indexes);
});

test('an index from its first pod to its results', () => {
  const words: Word[] = [
    { k: 'pod', pod: pod(0, 1) },
    { k: 'pod', pod: pod(0, 1, { stage: 'drilling', isHolding: true }) },
    { k: 'pod', pod: ended(0, 1, 1) },
    { k: 'fetched', index: 0, name: 'run-0-1' },
  ];
  const states = words.map((_, end) => told(1, ...words.slice(0, end + 1)));
  expect(states.map((state) => state.indexes[0]!.phase)).toEqual(['starting', 'drilling', 'holding', 'done']);
  expect(fetchable(states[2]!).map(({ name }) => name)).toEqual(['run-0-1']);
  expect(fetchable(states[3]!)).toEqual([]);
  expect(isOver(states[3]!)).toBe(true);
});

describe('a pod that was killed', () => {
  const killed: Word = {
    k: 'pod',
    pod: pod(0, 1, { stage: 'ended', code: 137, reason: 'OOMKilled', isHolding: true }),
  };

  test('is let go, and the index begun again', () => {
    const state = told(1, killed);
    expect(releasable(state).map(({ name }) => name)).toEqual(['run-0-1']);
    expect(fetchable(state)).toEqual([]);
    expect(phases(heard(state, { k: 'pod', pod: pod(0, 2, { stage: 'drilling' }) }))).toEqual(['drilling']);
  });

  test('says why, when the index has failed', () => {
    expect(
      told(1, killed, { k: 'pod-gone', name: 'run-0-1' }, job({ failed: [0] })).indexes[0],
    ).toMatchObject({
      phase: 'failed',
      reason: 'OOMKilled',
    });
  });
});

test('what a pod says late of itself does not hide the one that came after it', () => {
  const state = told(
    1,
    { k: 'pod', pod: pod(0, 1) },
    { k: 'pod', pod: pod(0, 2, { stage: 'drilling' }) },
    { k: 'pod', pod: pod(0, 1, { stage: 'ended', code: 137, reason: 'it was deleted' }) },
  );
  expect(state.indexes[0]).toMatchObject({ phase: 'drilling', pod: { name: 'run-0-2' } });
});

test('results are fetched even when the Job is over, and are lost when they were not', () => {
  const held = told(2, { k: 'pod', pod: ended(0, 1, 0) }, job({ completed: [0, 1] }));
  expect(phases(held)).toEqual(['holding', 'failed']);
  expect(held.indexes[1]!.reason).toBe('its pod ended before its results were fetched');
  expect(phases(heard(held, { k: 'unfetchable', name: 'run-0-1', why: 'gone' }))).toEqual([
    'failed',
    'failed',
  ]);
});

test('where the Job is gone, nothing more is waited for', () => {
  const state = told(2, { k: 'pod', pod: pod(1, 1) }, job({ ended: 'its Job was deleted' }));
  expect(isOver(state)).toBe(true);
  expect(state.indexes[0]!.reason).toBe('its Job was deleted');
});

describe('whatever comes in whatever order', () => {
  const INDEXES = 3;
  const pods = fc.record({
    index: fc.integer({ min: 0, max: INDEXES }),
    number: fc.integer({ min: 1, max: 3 }),
    stage: fc.constantFrom('pending', 'drilling', 'ended'),
    code: fc.constantFrom(0, 1, 2, 5, 130, 137),
    isHolding: fc.boolean(),
  });
  const set = fc.uniqueArray(fc.integer({ min: 0, max: INDEXES }));
  const word: fc.Arbitrary<Word> = fc.oneof(
    pods.map(({ index, number, stage, code, isHolding }): Word => {
      const view = pod(index, number, { stage: stage as PodView['stage'], isHolding });
      return { k: 'pod', pod: stage === 'ended' ? { ...view, code } : view };
    }),
    pods.map(({ index, number }): Word => ({ k: 'pod-gone', name: `run-${index}-${number}` })),
    pods.map(({ index, number }): Word => ({ k: 'fetched', index, name: `run-${index}-${number}` })),
    pods.map(
      ({ index, number }): Word => ({ k: 'unfetchable', name: `run-${index}-${number}`, why: 'gone' }),
    ),
    fc.tuple(set, set).map(([completed, failed]) => job({ completed, failed })),
  );
  const settled = ['done', 'failed'];

  test('an index that is settled stays so, unless its results come after all', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        let state = initialState(INDEXES);
        for (const one of words) {
          const next = heard(state, one);
          state.indexes.forEach(({ phase }, index) => {
            if (phase === 'done') expect(next.indexes[index]!.phase).toBe('done');
            if (phase === 'failed') expect(settled).toContain(next.indexes[index]!.phase);
          });
          expect(next.indexes).toHaveLength(INDEXES);
          state = next;
        }
      }),
    );
  });

  test('no index is fetched twice, no pod is fetched and let go, and the same word twice changes nothing', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        let state = initialState(INDEXES);
        for (const one of words) {
          state = heard(state, one);
          const open = fetchable(state);
          expect(new Set(open.map(({ index }) => index)).size).toBe(open.length);
          const free = new Set(releasable(state).map(({ name }) => name));
          for (const { name, index } of open) {
            expect(free.has(name)).toBe(false);
            expect(settled).not.toContain(state.indexes[index]!.phase);
          }
          expect(heard(state, one)).toEqual(state);
        }
      }),
    );
  });

  test('once the Job is gone and nothing is held, all is settled', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        let state = words.reduce(heard<Word>, initialState(INDEXES));
        state = heard(state, job({ ended: 'its Job was deleted' }));
        for (const name of [...state.holding.keys()]) state = heard(state, { k: 'pod-gone', name });
        expect(isOver(state)).toBe(true);
      }),
    );
  });
});
