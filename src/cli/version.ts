import { readFileSync } from 'node:fs';
import { packageFile } from '../paths.js';

/** This package's version and its description. */
export const { version, description } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
  version: string;
  description: string;
};
