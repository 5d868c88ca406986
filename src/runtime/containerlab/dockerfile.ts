import type { Problem } from '../../document/problem.js';
import { InvalidInput } from '../../document/problem.js';

/** What a Dockerfile says, as far as it can be done without a registry. */
export interface Recipe {
  /** Debian release that it starts from. */
  suite: string;
  /** Version of Node.js that it starts with, where it starts from Node's image. */
  node?: string;
  steps: RecipeStep[];
  /** Instructions that are kept as the image's settings, as `docker import --change` takes them. */
  settings: string[];
}

/** A command line for /bin/sh, a file of the Dockerfile's folder, or an archive there that is unpacked at the root. */
export type RecipeStep = { run: string } | { copy: string; to: string } | { add: string };

/** Debian's releases by their numbers, which its images are called by. */
const SUITES: Record<string, string> = { '11': 'bullseye', '12': 'bookworm', '13': 'trixie' };

/** What an image may start from: Debian, or Node.js on it. */
const START = /^(?:debian:|node:(?<node>\d+(?:\.\d+)*)-)(?<release>[a-z0-9]+?)(?:-slim)?$/;

const SETTINGS = ['CMD', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'LABEL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'];

/**
 * Reads a Dockerfile that starts from Debian.
 * @param file its path, for messages
 * @throws InvalidInput where it takes a registry, or an instruction that is not known here
 */
export function readDockerfile(text: string, file: string): Recipe {
  const problems: Problem[] = [];
  const recipe: Recipe = { suite: '', steps: [], settings: [] };
  for (const { instruction, rest, line } of instructionsOf(text)) {
    const refuse = (message: string) => problems.push({ file, line, column: 1, message });
    if (instruction === 'FROM') {
      const { node, release = '' } = START.exec(rest)?.groups ?? {};
      recipe.suite = SUITES[release] ?? release;
      if (node !== undefined) recipe.node = node;
      if (!Object.values(SUITES).includes(recipe.suite))
        refuse(
          `only images of Debian, or of Node.js on it, can be built without a registry, as FROM debian:12-slim; not ${rest}`,
        );
    } else if (instruction === 'RUN') {
      recipe.steps.push({ run: rest });
    } else if (instruction === 'COPY') {
      const [copy, to, more] = rest.split(/\s+/);
      if (copy === undefined || to === undefined || more !== undefined || copy.startsWith('-'))
        refuse('expected one file and where it goes: COPY entrypoint.sh /usr/local/bin/entrypoint');
      else recipe.steps.push({ copy, to });
    } else if (instruction === 'ADD') {
      const [, archive] = /^(\S+\.(?:tar|tgz|tar\.gz)) \/$/.exec(rest) ?? [];
      if (archive === undefined) refuse('expected an archive that is unpacked at the root: ADD files.tgz /');
      else recipe.steps.push({ add: archive });
    } else if (SETTINGS.includes(instruction)) {
      recipe.settings.push(`${instruction} ${rest}`);
    } else {
      refuse(
        `${instruction} cannot be done without a registry; there are FROM, RUN, COPY, ADD, ${SETTINGS.join(', ')}`,
      );
    }
  }
  if (recipe.suite === '') problems.push({ file, line: 1, column: 1, message: 'there is no FROM' });
  if (problems.length > 0) throw new InvalidInput(problems);
  return recipe;
}

/** The instructions, with the lines that a backslash continues joined and comments left out, as Docker reads them. */
function instructionsOf(text: string): { instruction: string; rest: string; line: number }[] {
  const found: { instruction: string; rest: string; line: number }[] = [];
  let open: { text: string; line: number } | undefined;
  text.split('\n').forEach((content, index) => {
    if (content.trim() === '' || content.trimStart().startsWith('#')) return;
    open ??= { text: '', line: index + 1 };
    open.text += content.replace(/\\\s*$/, '');
    if (/\\\s*$/.test(content)) return;
    const [, instruction = '', rest = ''] = /^\s*(\S+)(.*)$/s.exec(open.text) ?? [];
    found.push({ instruction: instruction.toUpperCase(), rest: rest.trim(), line: open.line });
    open = undefined;
  });
  return found;
}
