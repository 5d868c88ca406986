/** What a schedule is made from. */
export interface Plan {
  /** Short name of the programme: letters, digits, "-" and "_". */
  name: string;
  title: string;
  /** Hour and minute of the day, UTC, two digits each. */
  hour: string;
  minute: string;
  /** Absolute path of the programme file. */
  file: string;
  /** The same from the root of its repository, for what runs in a checkout. */
  inRepository: string;
  /** Command that is faildrill here, with absolute paths. */
  command: readonly string[];
  /** Whether drills follow merges. */
  hasMerges: boolean;
}

/** A file that makes something start the programme. */
export interface ScheduleFile {
  /** Where it belongs: absolute, or from the root of the repository. */
  path: string;
  text: string;
}

/** A scheduler. It starts the programme once a day: what is due then follows from the history. */
export interface Scheduler {
  name: string;
  description: string;
  files(plan: Plan): ScheduleFile[];
}

/** Text for a comment or a description of one line. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ');
