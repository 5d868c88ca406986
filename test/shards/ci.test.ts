import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { execa, execaSync } from 'execa';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../src/paths.js';
import { temporaryFolder } from '../fixtures/scenario.js';

const GITHUB = packageFile('docs/ci/github.yml');
const GITLAB = packageFile('docs/ci/gitlab.yml');

test('GitHub: its own parser finds no mistake; as many jobs as there are shards, and one that merges', async () => {
  const content = readFileSync(GITHUB, 'utf8');
  const trace = new NoOperationTraceWriter();
  const { context, value } = parseWorkflow({ name: '.github/workflows/drills.yml', content }, trace);
  expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  const { jobs, errors } = await convertWorkflowTemplate(context, value!);
  expect(errors ?? []).toEqual([]);
  expect(jobs.map(({ id }) => String(id))).toEqual(['drill', 'merge']);
  const { strategy } = (parse(content) as { jobs: { drill: { strategy: { matrix: { shard: number[] } } } } })
    .jobs.drill;
  expect(strategy.matrix.shard).toEqual(strategy.matrix.shard.map((_, index) => index + 1));
});

test('GitLab: valid by its published schema; each job is told which shard it is', async () => {
  const folder = temporaryFolder();
  execaSync('git', ['init', '-q', folder]);
  copyFileSync(GITLAB, join(folder, '.gitlab-ci.yml'));
  const list = ['--list-json', '--variable', 'CI_PIPELINE_SOURCE=schedule'];
  const { exitCode, stdout } = await execa('gitlab-ci-local', list, {
    preferLocal: true,
    localDir: packageFile('.'),
    cwd: folder,
    reject: false,
    env: { NO_COLOR: '1' },
  });
  expect(exitCode).toBe(0);
  const jobs = JSON.parse(stdout.slice(stdout.indexOf('\n[') + 1)) as { name: string; when: string }[];
  expect(jobs.map(({ name, when }) => `${name} ${when}`)).toEqual([
    'drill: [1/4] on_success',
    'drill: [2/4] on_success',
    'drill: [3/4] on_success',
    'drill: [4/4] on_success',
    'merge always',
  ]);
});
