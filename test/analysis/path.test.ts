import { expect, test } from 'vitest';
import { PathTrack } from '../../src/analysis/path.js';

const MS = 1e6;

/** Bins of 20 ms in which each link delivers so many packets. */
function track(counts: Record<string, (bin: number) => number>, bins: number) {
  const paths = new PathTrack();
  for (let bin = 0; bin < bins; bin++) {
    const now = Object.entries(counts).map(([link, of]) => [link, [[of(bin)], [0]]]);
    paths.add({
      k: 'links',
      from: bin * 20 * MS,
      at: [(bin + 1) * 20 * MS],
      counts: Object.fromEntries(now),
    });
  }
  return paths;
}

test('a link carries a probe when it delivers most of its packets', () => {
  const paths = track({ all: () => 20, most: () => 17, half: () => 10, control: () => 1 }, 50);
  expect(paths.carryingIn({ from: 0, to: 1000 * MS }, 1000)).toEqual(new Set(['all', 'most']));
});

test('a link that appears later was not there before', () => {
  const paths = new PathTrack();
  paths.add({
    k: 'links',
    from: 0,
    at: [20 * MS, 40 * MS],
    counts: {
      a: [
        [20, 20],
        [0, 0],
      ],
    },
  });
  paths.add({ k: 'links', from: 40 * MS, at: [60 * MS], counts: { b: [[10], [10]] } });
  expect(paths.carrying(0, 1, 1000)).toEqual(new Set(['a']));
  expect(paths.carrying(2, 2, 1000)).toEqual(new Set(['b']));
});

test('traffic is back when it stays back, and the bracket holds that instant', () => {
  // Away until bin 10, back for three bins, away again, back for good from bin 20 on.
  const away = (bin: number) => bin < 10 || (bin >= 13 && bin < 20);
  const paths = track({ primary: (bin) => (away(bin) ? 0 : 20), backup: (bin) => (away(bin) ? 20 : 0) }, 50);
  const { before, after } = paths.backOn(new Set(['primary']), { from: 0, to: 1000 * MS }, 1000)!;
  expect(before).toBeLessThanOrEqual(400 * MS);
  expect(after).toBeGreaterThanOrEqual(400 * MS);
  expect(after - before).toBeLessThan(70 * MS);
});

test('a bin or two with too few packets on the path, and none elsewhere, is no departure', () => {
  const few = [30, 31, 49];
  const paths = track(
    { primary: (bin) => (bin < 10 ? 0 : few.includes(bin) ? 10 : 20), backup: (bin) => (bin < 10 ? 20 : 0) },
    50,
  );
  const { before, after } = paths.backOn(new Set(['primary']), { from: 0, to: 1000 * MS }, 1000)!;
  expect([before / MS, after / MS]).toEqual([180, 220]);
});

test('packets that are nowhere for long are not back', () => {
  const gone = track({ primary: (bin) => (bin < 30 ? 20 : 0) }, 50);
  expect(gone.backOn(new Set(['primary']), { from: 0, to: 1000 * MS }, 1000)).toBeUndefined();
});

test('the bracket of a return begins before bins that may have had it', () => {
  const paths = track(
    {
      primary: (bin) => (bin < 20 ? 0 : bin < 23 ? 12 : 20),
      backup: (bin) => (bin < 20 ? 20 : 0),
    },
    50,
  );
  const { before, after } = paths.backOn(new Set(['primary']), { from: 0, to: 1000 * MS }, 1000)!;
  expect([before / MS, after / MS]).toEqual([380, 480]);
});

test('traffic on both paths is not back', () => {
  const paths = track({ primary: () => 20, backup: () => 20 }, 50);
  expect(paths.backOn(new Set(['primary']), { from: 0, to: 1000 * MS }, 1000)).toBeUndefined();
});
