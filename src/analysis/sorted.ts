/** How many of sorted values are smaller than one. */
export function countBelow(sorted: ArrayLike<number>, value: number, equal?: 'or equal'): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const isBelow = equal ? sorted[middle]! <= value : sorted[middle]! < value;
    if (isBelow) low = middle + 1;
    else high = middle;
  }
  return low;
}
