import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readDocument } from '../document/document.js';
import { InvalidInput } from '../document/problem.js';

/** Name of the file in a run's folder that says which run it is. */
const NOTE = 'run.json';

const noteSchema = z.strictObject({
  /** Version of faildrill that began it. */
  faildrill: z.string(),
  name: z.string(),
  namespace: z.string(),
  /** Of its Job. */
  uid: z.string(),
});

/** Which run a folder is for. */
export type Note = z.output<typeof noteSchema>;

/** Makes sure that a folder can be that of a new run. @throws InvalidInput */
export function checkEmpty(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  const message =
    'there is something in this folder already: name another one with --out, or another run with --name';
  throw new InvalidInput([{ file: folder, line: 1, column: 1, message }]);
}

/** Notes in a folder which run it is for. */
export function writeNote(folder: string, note: Note): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, NOTE), `${JSON.stringify(note, null, 2)}\n`);
}

/** Makes sure that a folder is that of a run, or can become it. @throws InvalidInput where it is another run's, or another version's */
export function checkNote(folder: string, run: Note): void {
  const file = join(folder, NOTE);
  if (!existsSync(file)) {
    checkEmpty(folder);
    writeNote(folder, run);
    return;
  }
  const document = readDocument(file);
  const note = document.check(noteSchema);
  const problem =
    note.faildrill !== run.faildrill
      ? document.problem(
          ['faildrill'],
          `these are results of faildrill ${note.faildrill}, not of ${run.faildrill}`,
        )
      : note.uid !== run.uid
        ? document.problem(
            ['uid'],
            `these are results of another run (${note.namespace}/${note.name}, ${note.uid})`,
          )
        : undefined;
  if (problem)
    throw new InvalidInput([{ ...problem, message: `${problem.message}: name another folder with --out` }]);
}
