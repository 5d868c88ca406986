import { describe, expect, test } from 'vitest';
import { findContainerlab } from '../../src/runtime/containerlab/containerlab-lab.js';
import { openDocker } from '../../src/runtime/containerlab/docker.js';
import { containerlabRuntime } from '../../src/runtime/containerlab/index.js';
import { describeContract } from './contract.js';

/** Why the contract cannot be tested here, or nothing. */
const lacking = await Promise.all([findContainerlab(), openDocker()]).then(
  () => undefined,
  (error: Error) => error.message,
);

if (lacking === undefined) describeContract(containerlabRuntime, { keepsRun: true });
else {
  console.log(`the contract of the containerlab runtime is not tested: ${lacking}`);
  describe('the containerlab runtime', () => {
    test.skip(`not tested here: ${lacking}`, () => {});
    test('says what it lacks', () => {
      expect(lacking).toMatch(/containerlab|Docker/);
    });
  });
}
