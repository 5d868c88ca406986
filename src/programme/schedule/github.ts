import { stringify } from 'yaml';
import { oneLine, type Scheduler } from './schedule.js';

/** A workflow of GitHub Actions. The history has to stay on the runner, so it is one of the team's own. */
export const github: Scheduler = {
  name: 'github',
  description: 'a workflow of GitHub Actions',
  files({ name, title, hour, minute, inRepository, hasMerges }) {
    const workflow = {
      // Here GitHub evaluates nothing, and refuses what it could.
      name: `Failover drills: ${oneLine(title).replaceAll('${{', '$ {{')}`,
      on: {
        schedule: [{ cron: `${Number(minute)} ${Number(hour)} * * *` }],
        workflow_dispatch: {},
        ...(hasMerges && { push: { branches: ['main'] } }),
      },
      concurrency: { group: `faildrill-${name}`, 'cancel-in-progress': false },
      permissions: { contents: 'read' },
      jobs: {
        drill: {
          'runs-on': ['self-hosted', 'linux'],
          'timeout-minutes': 360,
          env: {
            PROGRAMME: literal(inRepository),
            ...(hasMerges && { MERGE: expression("github.event_name == 'push' && '--merge' || ''") }),
          },
          steps: [
            // What git does not know, as the history, stays.
            { uses: 'actions/checkout@v4', with: { clean: false } },
            {
              run: `sudo --preserve-env npx faildrill programme run ${hasMerges ? '$MERGE ' : ''}-- "$PROGRAMME"`,
            },
          ],
        },
      },
    };
    return [{ path: `.github/workflows/faildrill-${name}.yml`, text: stringify(workflow, { lineWidth: 0 }) }];
  },
};

/** An expression of GitHub Actions. */
const expression = (text: string): string => `\${{ ${text} }}`;

/** Text that GitHub must not take for an expression. */
const literal = (text: string): string => text.replaceAll(/\$(?=\{\{)/g, () => expression("'$'"));
