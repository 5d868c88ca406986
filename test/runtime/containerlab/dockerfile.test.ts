import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { packageFile } from '../../../src/paths.js';
import { readDockerfile } from '../../../src/runtime/containerlab/dockerfile.js';
import { packages } from '../../../src/runtime/namespace/packages.js';

test('lines that go on are joined, comments are left out, settings are kept', () => {
  const text = `# an image
FROM debian:12-slim
RUN apt-get update \\
 # which packages
 && apt-get install tini
COPY entrypoint.sh /usr/local/bin/entrypoint
entrypoint ["/usr/bin/tini", "--"]
CMD ["sleep"]
`;
  expect(readDockerfile(text, 'Dockerfile')).toEqual({
    suite: 'bookworm',
    steps: [
      { run: 'apt-get update  && apt-get install tini' },
      { copy: 'entrypoint.sh', to: '/usr/local/bin/entrypoint' },
    ],
    settings: ['ENTRYPOINT ["/usr/bin/tini", "--"]', 'CMD ["sleep"]'],
  });
});

test.each(['gateway', 'host'])("the %s's own can be built", (image) => {
  const file = packageFile(`labs/images/${image}/Dockerfile`);
  const { suite, steps, settings } = readDockerfile(readFileSync(file, 'utf8'), file);
  expect(suite).toBe('bookworm');
  expect(steps.length).toBeGreaterThan(0);
  expect(settings.join()).toContain('tini');
});

test('Node.js on Debian, and an archive that is unpacked at the root', () => {
  expect(readDockerfile('FROM node:20.20.2-bookworm-slim\nADD files.tgz /\n', 'Dockerfile')).toEqual({
    suite: 'bookworm',
    node: '20.20.2',
    steps: [{ add: 'files.tgz' }],
    settings: [],
  });
});

test("the runner's has every package that gateways run", () => {
  const text = readFileSync(packageFile('images/runner/Dockerfile'), 'utf8');
  const named = new Set(text.split(/\s+/));
  const wanted = packages.filter(({ purpose }) => purpose === 'run' || purpose === 'gateways');
  expect(wanted.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
});

describe('what takes a registry is said with its line', () => {
  test.each([
    ['FROM alpine:3\n', 'Dockerfile:1:1: only images of Debian'],
    ['FROM node:20-alpine\n', 'Dockerfile:1:1: only images of Debian'],
    ['FROM debian:12\nADD x.tgz /y\n', 'Dockerfile:2:1: expected an archive'],
    ['FROM debian:12\nHEALTHCHECK NONE\n', 'Dockerfile:2:1: HEALTHCHECK cannot be done'],
    ['FROM debian:12\n\nRUN a \\\n b\nCOPY --from=x a b\n', 'Dockerfile:5:1: expected one file'],
    ['RUN true\n', 'Dockerfile:1:1: there is no FROM'],
  ])('%j', (text, message) => {
    expect(() => readDockerfile(text, 'Dockerfile')).toThrow(message);
  });
});
