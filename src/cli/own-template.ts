import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import Handlebars from 'handlebars';
import type { DrillResult } from '../analysis/result.js';
import { InvalidInput, unreadable } from '../document/problem.js';
import { pageOf } from '../report/html.js';
import { reports } from '../report/registry.js';

/** A template of the user's own for one more report. */
export interface OwnTemplate {
  /** Name of the report's file: that of the template without `.hbs`. */
  name: string;
  /** @throws InvalidInput with the place in the template that cannot be filled */
  render(result: DrillResult): string;
}

/** What a template's name ends with. */
const ENDING = /\.hbs$/;

/**
 * Reads a Handlebars template. It is filled with everything in `result.json`, as `result`, and with what the HTML report shows, ready to be read.
 * @throws InvalidInput where it cannot be read, or is none, with line and column
 */
export function ownTemplate(file: string): OwnTemplate {
  const fail = (line: number, column: number, message: string): never => {
    throw new InvalidInput([{ file, line, column, message }]);
  };
  const name = basename(file).replace(ENDING, '');
  if (!ENDING.test(file)) fail(1, 1, 'a template is named after its report: for mail.md it is mail.md.hbs');
  if (Object.values(reports).some((report) => report.file === name))
    fail(1, 1, `${name} is one of the drill's own reports; give the template another name`);
  const text = readTemplate(file);
  try {
    Handlebars.precompile(text);
  } catch (error) {
    fail(...placeOf(error as HandlebarsError, text));
  }
  // Only markup needs escaping.
  const noEscape = !/\.(html?|xml|svg)$/.test(name);
  const fill = Handlebars.compile<object>(text, { strict: true, noEscape });
  return {
    name,
    render(result) {
      try {
        return fill({ ...pageOf(result), result });
      } catch (error) {
        return fail(...placeOf(error as HandlebarsError, text));
      }
    },
  };
}

function readTemplate(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** What Handlebars throws; its parser gives the place in words only. */
interface HandlebarsError extends Error {
  lineNumber?: number;
  column?: number;
}

/** Where in a template something is wrong, and what. Columns count from 1 here and from 0 there. */
function placeOf({ message, lineNumber, column }: HandlebarsError, text: string): [number, number, string] {
  const [, line, shown = '', pointer = ''] = /^Parse error on line (\d+):\n(.*)\n(-*)\^/.exec(message) ?? [];
  if (line !== undefined) {
    // The parser shows at most the last twenty characters before the mistake.
    const whole = text.split('\n')[Number(line) - 1] ?? '';
    const from = whole.indexOf(shown.replace(/^\.\.\./, ''));
    const pointed = Math.max(0, from) + pointer.length - (shown.startsWith('...') ? 3 : 0);
    const at = Math.max(0, Math.min(pointed, whole.length));
    const expected = /Expecting (.*), got (.*)$/m.exec(message);
    return [Number(line), at + 1, expected ? `not Handlebars: unexpected ${expected[2]}` : 'not Handlebars'];
  }
  const [, undefinedName] = /^"(.*?)" not defined in/.exec(message) ?? [];
  const [, atLine, atColumn] = / - (\d+):(\d+)$/.exec(message) ?? [];
  const place: [number, number] = [Number(atLine ?? lineNumber ?? 1), Number(atColumn ?? column ?? 0) + 1];
  return undefinedName === undefined
    ? [...place, `not Handlebars: ${message.replace(/ - \d+:\d+$/, '')}`]
    : [...place, `there is no "${undefinedName}" here`];
}
