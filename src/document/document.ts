import { readFileSync } from 'node:fs';
import {
  isMap,
  isNode,
  isPair,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type Document as YamlDocument,
} from 'yaml';
import type * as z from 'zod';
import { explain, inWords } from './issues.js';
import { InvalidInput, type Problem, unreadable } from './problem.js';

/** Where in a document something stands: keys and indexes from the root. */
export type Path = readonly PropertyKey[];

/** A YAML file that remembers where everything in it stands. */
export class Document {
  readonly value: unknown;
  readonly #yaml: YamlDocument;
  readonly #lines = new LineCounter();
  readonly file: string;
  readonly text: string;

  /** Parses text; throws `InvalidInput` where it is not YAML or has a key twice. */
  constructor({ file, text }: { file: string; text: string }) {
    this.file = file;
    this.text = text;
    this.#yaml = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const problems = this.#yaml.errors.map((error) =>
      this.#problem(error.pos[0], yamlMessage(error.message)),
    );
    visit(this.#yaml, {
      Alias: (_, alias) => {
        if (!alias.resolve(this.#yaml))
          problems.push(
            this.#problem(alias.range?.[0] ?? 0, `there is no anchor "&${alias.source}" before this`),
          );
      },
    });
    if (problems.length > 0) throw new InvalidInput(problems);
    this.value = this.#toJS();
  }

  #toJS(): unknown {
    try {
      return this.#yaml.toJS();
    } catch {
      // Of what can be wrong here, unknown anchors are out already.
      throw new InvalidInput([this.#problem(0, 'its aliases multiply to more than any file needs')]);
    }
  }

  #problem(offset: number, message: string): Problem {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line: Math.max(line, 1), column: Math.max(col, 1), message };
  }

  /** A problem at a place; where the place does not exist, at the nearest one round it. */
  problem(path: Path, message: string, { atKey = false } = {}): Problem {
    return this.#problem(this.#offset(path, atKey), message);
  }

  #offset(path: Path, atKey: boolean): number {
    const parent = path.length > 0 ? this.#yaml.getIn(path.slice(0, -1), true) : undefined;
    if (isMap(parent)) {
      const pair = parent.items.find(
        ({ key }) => String(isNode(key) ? key.toJSON() : key) === String(path.at(-1)),
      );
      if (pair && isPair(pair)) {
        const node = (atKey || !pair.value ? pair.key : pair.value) as Node;
        return node.range?.[0] ?? 0;
      }
      return path.length > 1 ? this.#offset(path.slice(0, -1), true) : (parent.range?.[0] ?? 0);
    }
    const node = this.#yaml.getIn(path, true);
    if (isNode(node)) return node.range?.[0] ?? 0;
    return path.length > 0 ? this.#offset(path.slice(0, -1), atKey) : 0;
  }

  /** Checks the document against a schema; throws `InvalidInput` with every problem found. */
  check<S extends z.ZodType>(schema: S): z.output<S> {
    const result = schema.safeParse(this.value, { error: inWords });
    if (result.success) return result.data;
    const complaints = result.error.issues.flatMap((issue) => explain(issue, { schema, value: this.value }));
    throw new InvalidInput(
      complaints.map(({ path, message, atKey }) => this.problem(path, message, { atKey })),
    );
  }
}

/** Reads and parses a YAML file; throws `InvalidInput` where it cannot be read or parsed. */
export function readDocument(file: string, transform = (text: string) => text): Document {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
  return new Document({ file, text: transform(text) });
}

function yamlMessage(message: string): string {
  if (message === 'Map keys must be unique') return 'this key stands here a second time';
  if (message.startsWith('Source contains multiple documents'))
    return 'a second document starts here; one is expected';
  return `not YAML: ${message}`;
}
