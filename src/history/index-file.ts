import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Entry } from './entry.js';

/** Version of a line of the index. Lines of another one are passed over, so the index is made anew by itself. */
const INDEX_VERSION = 1;

const FILE = 'index.ndjson';

/** Whether a folder is a store that an index was made of. */
export const hasIndex = (store: string): boolean => existsSync(join(store, FILE));

/**
 * Reads the index of a store: what is known of each folder, by the folder's name. A line that is damaged, or was cut off, is passed over: the
 * recordings say the same again.
 */
export function readIndex(store: string): { entries: Map<string, Entry>; lines: number } {
  const entries = new Map<string, Entry>();
  let lines = 0;
  for (const line of textOf(join(store, FILE)).split('\n')) {
    if (line === '') continue;
    lines++;
    const entry = parse(line);
    // The last word counts.
    if (entry) entries.set(entry.folder, entry);
  }
  return { entries, lines };
}

/**
 * Adds to the index of a store. In one write at the end of the file, which the kernel does not mix with that of another drill; after a line that
 * a crash cut off, on one of its own.
 * @throws where the file cannot be written
 */
export function appendToIndex(store: string, entries: readonly Entry[]): void {
  if (entries.length === 0) return;
  const path = join(store, FILE);
  appendFileSync(path, `${endsInLine(path) ? '' : '\n'}${textFor(entries)}`);
}

/** Replaces the index, at once: a reader sees the old one or the new one. @throws where the file cannot be written */
export function replaceIndex(store: string, entries: Iterable<Entry>): void {
  const path = join(store, FILE);
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, textFor([...entries]));
  renameSync(temporary, path);
}

const textFor = (entries: readonly Entry[]): string =>
  entries.map((entry) => `${JSON.stringify({ v: INDEX_VERSION, ...entry }, endless)}\n`).join('');

/** JSON has no infinity, and null could be any. */
const endless = (_: string, value: unknown): unknown =>
  value === Infinity || value === -Infinity ? String(value) : value;

const FIGURES = new Set(['value', 'lower', 'upper']);
const revive = (key: string, value: unknown): unknown =>
  FIGURES.has(key) && typeof value === 'string' ? Number(value) : value;

function parse(line: string): Entry | undefined {
  try {
    // A reviver is slow, and hardly any line needs it.
    const read = (line.includes('Infinity"') ? JSON.parse(line, revive) : JSON.parse(line)) as
      | (Entry & { v?: number })
      | null;
    if (read?.v !== INDEX_VERSION || typeof read.folder !== 'string') return undefined;
    const { v: _, ...entry } = read;
    return entry;
  } catch {
    return undefined;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function endsInLine(path: string): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return true;
  const file = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, size - 1);
    return last.toString() === '\n';
  } finally {
    closeSync(file);
  }
}
