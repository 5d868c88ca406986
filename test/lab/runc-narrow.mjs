#!/usr/bin/env node
// runc for a machine that lacks CAP_SYS_RESOURCE: containerlab asks Docker for every capability, and for processes that the kernel is not
// to kill, and runc refuses what it cannot give.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const argv = process.argv.slice(2);

function narrow(process) {
  for (const [set, names] of Object.entries(process.capabilities ?? {}))
    process.capabilities[set] = names.filter((name) => name !== 'CAP_SYS_RESOURCE');
  delete process.oomScoreAdj;
}

function edit(file, change) {
  const content = JSON.parse(readFileSync(file, 'utf8'));
  change(content);
  writeFileSync(file, JSON.stringify(content));
}

for (const [index, word] of argv.entries()) {
  if (word === '--bundle') edit(join(argv[index + 1], 'config.json'), (config) => narrow(config.process));
  if (word === '--process') edit(argv[index + 1], narrow);
}
const { status } = spawnSync('/usr/sbin/runc', argv, { stdio: 'inherit' });
process.exitCode = status ?? 1;
