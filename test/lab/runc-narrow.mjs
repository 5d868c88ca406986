#!/usr/bin/env node
// runc for a machine that lacks CAP_SYS_RESOURCE: containerlab asks Docker for every capability, and for processes that the kernel is not
// to kill, Podman for higher limits, and runc refuses what it cannot give.
// And for a kernel that shares real-time among control groups (CONFIG_RT_GROUP_SCHED, which distributions leave out): a container that may
// have it gets a part, where its group's parent has any. Elsewhere CAP_SYS_NICE is all it takes.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Of each second, microseconds. */
const REAL_TIME_US = 400_000;

const argv = process.argv.slice(2);

function narrow(process) {
  for (const [set, names] of Object.entries(process.capabilities ?? {}))
    process.capabilities[set] = names.filter((name) => name !== 'CAP_SYS_RESOURCE');
  delete process.oomScoreAdj;
  delete process.rlimits;
}

function shareRealTime({ process, linux }) {
  const parent = join('/sys/fs/cgroup/cpu', dirname(linux?.cgroupsPath ?? ''), 'cpu.rt_runtime_us');
  const mayHave = process.capabilities?.bounding?.includes('CAP_SYS_NICE') ?? false;
  if (!mayHave || !existsSync(parent) || Number(readFileSync(parent, 'utf8')) < REAL_TIME_US) return;
  linux.resources = {
    ...linux.resources,
    cpu: { ...linux.resources?.cpu, realtimePeriod: 1_000_000, realtimeRuntime: REAL_TIME_US },
  };
}

function edit(file, change) {
  const content = JSON.parse(readFileSync(file, 'utf8'));
  change(content);
  writeFileSync(file, JSON.stringify(content));
}

for (const [index, word] of argv.entries()) {
  if (word === '--bundle')
    edit(join(argv[index + 1], 'config.json'), (config) => {
      narrow(config.process);
      shareRealTime(config);
    });
  if (word === '--process') edit(argv[index + 1], narrow);
}
const { status } = spawnSync('/usr/sbin/runc', argv, { stdio: 'inherit' });
process.exitCode = status ?? 1;
