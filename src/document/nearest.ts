import { distance } from 'fastest-levenshtein';

/** The known name that was probably meant, or nothing where none is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const ranked = [...known]
    .map((candidate) => ({ candidate, far: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best && best.far <= Math.floor(name.length / 2) ? best.candidate : undefined;
}

/** `unknown probe "ap"; did you mean "app"?`, or the list of what there is. */
export function unknownName(what: string, name: string, known: Iterable<string>): string {
  const names = [...known];
  const near = nearest(name, names);
  const rest = near
    ? `; did you mean "${near}"?`
    : names.length > 0
      ? `; there ${names.length === 1 ? 'is' : 'are'} ${names.map((known) => `"${known}"`).join(', ')}`
      : '; there is none';
  return `unknown ${what} "${name}"${rest}`;
}
