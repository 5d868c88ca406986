import { cron } from './cron.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';
import { systemd } from './systemd.js';

/** What can start a programme; a new scheduler is its file and a line here. */
export const schedulers = { systemd, cron, github, gitlab } as const;
