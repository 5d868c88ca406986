import { fileURLToPath } from 'node:url';

/** Path of a file of this package, given from its root: `labs/images/gateway/entrypoint.sh`. */
export const packageFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Path of a compiled module, given from src/: workers and processes of ours need one even where tests run the sources. */
export const compiled = (module: string): string => packageFile(`dist/${module}.js`);
