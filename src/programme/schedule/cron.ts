import { quote } from 'shlex';
import { oneLine, type Scheduler } from './schedule.js';

/** A line for cron (crontab(5)). It knows the machine's own time zone only. */
export const cron: Scheduler = {
  name: 'cron',
  description: 'a file for /etc/cron.d',
  files({ name, title, hour, minute, file, command }) {
    const words = [...command, 'programme', 'run', file];
    if (words.some((word) => /[\n\r]/.test(word)))
      throw new Error('a line of cron can hold no path with a line break');
    const line = words.map(quote).join(' ').replaceAll('%', '\\%');
    return [
      {
        path: `/etc/cron.d/faildrill-${name}`,
        text: `# Failover drills: ${oneLine(title)}. The time is that of this machine's zone.
${Number(minute)} ${Number(hour)} * * * root ${line}
`,
      },
    ];
  },
};
