import Handlebars from 'handlebars';
import { template } from '../html.js';
import { SIGNS } from '../words.js';
import type { ProgrammeFormat } from './report.js';
import { sectionsOf } from './sections.js';
import { overallVerdict, reportIn, sentencesOf } from './words.js';

/** One page that needs nothing else, also for paper. */
export const html: ProgrammeFormat = {
  file: 'report.html',
  render(result, store) {
    const verdict = overallVerdict(result);
    return Handlebars.compile(template('programme.hbs'), { strict: true })({
      style: template('drill.css') + template('trend.css') + template('programme.css'),
      ...result,
      verdict,
      sign: SIGNS[verdict],
      sentences: sentencesOf(result),
      sections: sectionsOf(result).map((section) => ({
        ...section,
        rows: section.rows.map(({ verdict: state, cells }) => ({
          verdict: state,
          sign: state === '' ? '' : SIGNS[state],
          cells: cells.map(({ text, small, folder }) => ({
            ...{ text, small },
            href: folder === '' ? '' : reportIn(store, folder),
          })),
        })),
      })),
    });
  },
};
