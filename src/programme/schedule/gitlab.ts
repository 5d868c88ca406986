import { quote } from 'shlex';
import { stringify } from 'yaml';
import { oneLine, type Scheduler } from './schedule.js';

/** Jobs of GitLab CI. The schedule itself is the project's, so the command that makes it stands in a comment. */
export const gitlab: Scheduler = {
  name: 'gitlab',
  description: 'jobs of GitLab CI, and the command that makes the schedule',
  files({ name, title, hour, minute, inRepository, hasMerges }) {
    const job = (rule: string, option: string) => ({
      rules: [{ if: rule }],
      // A runner of the team's own, on which the history stays.
      tags: ['faildrill'],
      resource_group: `faildrill-${name}`,
      variables: { GIT_CLEAN_FLAGS: 'none' },
      timeout: '6h',
      script: [`sudo --preserve-env npx faildrill programme run ${option}-- ${quote(inRepository)}`],
    });
    const jobs = {
      [`faildrill-${name}`]: job('$CI_PIPELINE_SOURCE == "schedule"', ''),
      ...(hasMerges && {
        [`faildrill-${name}-merge`]: job(
          '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
          '--merge ',
        ),
      }),
    };
    const command = `glab schedule create --cron '${Number(minute)} ${Number(hour)} * * *' --cronTimeZone UTC --ref main --description faildrill-${name}`;
    return [
      {
        path: `.gitlab/faildrill-${name}.yml`,
        text: `# Failover drills: ${oneLine(title)}. In .gitlab-ci.yml: include: { local: .gitlab/faildrill-${name}.yml }
# Once: ${command}
${stringify(jobs, { lineWidth: 0 })}`,
      },
    ];
  },
};
