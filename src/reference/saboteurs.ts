import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageFile } from '../paths.js';
import { plain, table } from '../report/markdown-text.js';

/** A believable mistake in a lab, as its saboteurs.yml lists it. */
interface Saboteur {
  name: string;
  mistake: string;
  scenario: string;
  'caught-by': string[];
}

const [BEGIN, END] = ['<!-- saboteurs, by npm run generate -->', '<!-- end of saboteurs -->'];

/** The page of all labs, with the table of their saboteurs as it is to be. */
export function labsPage(): string {
  const page = readFileSync(packageFile('labs/README.md'), 'utf8');
  const [before, after] = [page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)];
  if (before < BEGIN.length || after < before) throw new Error('labs/README.md has no place for saboteurs');
  return [page.slice(0, before), ...saboteurTable(), page.slice(after)].join('\n');
}

function saboteurTable(): string[] {
  const labs = readdirSync(packageFile('scenarios'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const rows = labs.flatMap((lab) => {
    const file = packageFile(join('labs', lab, 'saboteurs.yml'));
    return (parse(readFileSync(file, 'utf8')) as Saboteur[]).map((saboteur) => [
      `[${lab}](${lab}/saboteurs.yml)`,
      plain(saboteur.name),
      plain(saboteur.mistake),
      plain(saboteur.scenario),
      saboteur['caught-by'].map(plain).join(', '),
    ]);
  });
  return ['', ...table(['Lab', 'Saboteur', 'Mistake', 'Scenario', 'Caught by'], rows), ''];
}
