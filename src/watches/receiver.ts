import * as z from 'zod';
import { nodeName, regularExpression } from '../scenario/units.js';
import type { Tell } from './watch.js';

/** What every watch takes that receives messages. */
export const receiverShape = {
  node: nodeName.meta({ description: 'node that receives: alerts travel the network that is failing' }),
  match: regularExpression
    .optional()
    .meta({ description: 'regular expression; a message that matches is a signal; without it, each is one' }),
};

/** Characters of a message that a report has room for. */
const SHOWN = 200;

/** Tells of a text where it matches; on one line, what cannot be shown left out. */
export function tellOf(text: string, match: string | undefined, tell: Tell): void {
  if (match !== undefined && !new RegExp(match, 'm').test(text)) return;
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  tell({ active: true, detail: line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line });
}

export const portSchema = (usual: number) =>
  z.int().min(1).max(65_535).default(usual).meta({ description: 'port to listen on' });
