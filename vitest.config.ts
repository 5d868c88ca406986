import { defineConfig } from 'vitest/config';

// Unit tests run side by side. Lab tests measure time, so each has the machine for itself.
export default defineConfig({
  test: {
    // What tests read of a command's output must not depend on whether this terminal or CI asks for colours or annotations.
    env: { NO_COLOR: '1', GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: '', FAILDRILL_NOTIFY: '' },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/lab/**', 'test/kernel/**', 'test/kubernetes/*.test.ts'],
          setupFiles: ['test/properties.ts'],
          // Some start the real command line, which takes a while on a busy machine.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // It imports JSON in a way that Node no longer takes; vitest's own loader does.
          server: { deps: { inline: ['@actions/workflow-parser'] } },
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 180_000,
          hookTimeout: 60_000,
          // What a test waits for takes as long as a busy machine needs; no test proves anything by how soon it came.
          expect: { poll: { timeout: 15_000 } },
        },
      },
      {
        // In a virtual machine, which may be emulated: see test/kernel/run.
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 1_200_000,
        },
      },
      {
        // In a Kubernetes of this machine's own: see test/kubernetes/cluster.
        test: {
          name: 'kubernetes',
          include: ['test/kubernetes/*.test.ts'],
          globalSetup: 'test/kubernetes/setup.ts',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
