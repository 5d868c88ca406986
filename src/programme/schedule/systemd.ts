import { oneLine, type Scheduler } from './schedule.js';

/** A timer of the machine and its service (systemd.timer(5)). A day on which the machine was off is made up for when it is on again. */
export const systemd: Scheduler = {
  name: 'systemd',
  description: 'a timer and its service',
  files({ name, title, hour, minute, file, command }) {
    const about = `Description=Failover drills: ${specifier(oneLine(title))}`;
    const words = [...command, 'programme', 'run', file].map(quoted).join(' ');
    return [
      {
        path: `/etc/systemd/system/faildrill-${name}.service`,
        text: `[Unit]
${about}

[Service]
Type=oneshot
ExecStart=${words}
# Told to stop, it heals the lab and reports; what belongs to the lab has to live until then.
KillMode=mixed
TimeoutStopSec=5min
`,
      },
      {
        path: `/etc/systemd/system/faildrill-${name}.timer`,
        text: `# systemctl daemon-reload && systemctl enable --now faildrill-${name}.timer
[Unit]
${about}

[Timer]
OnCalendar=*-*-* ${hour}:${minute}:00 UTC
Persistent=true

[Install]
WantedBy=timers.target
`,
      },
    ];
  },
};

/** Without what systemd would replace. */
const specifier = (text: string) => text.replaceAll('%', '%%');

const ESCAPES: Record<string, string> = { '"': '\\"', '\\': '\\\\', $: '$$' };

/** A word of a command line (systemd.service(5)). */
const quoted = (word: string): string =>
  `"${specifier(word).replace(
    /["\\$\p{Cc}]/gu,
    (character) => ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )}"`;
