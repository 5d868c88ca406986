/** A day of the calendar, UTC: `2026-11-22`. Days compare as texts do. From 1970 to 9999. */
export type Day = string;

/** What a drill is repeated in. */
export type Frequency = 'weekly' | 'monthly' | 'quarterly';

/** A week (ISO 8601, from Monday on), month or quarter of the calendar. */
export interface Period {
  /** `2026-W47`, `2026-11`, `2026-Q4`. */
  name: string;
  first: Day;
  last: Day;
}

const DAY_MS = 86_400_000;

/** The day that an instant belongs to. @param instant milliseconds since 1970 */
export const dayOf = (instant: number): Day => new Date(instant).toISOString().slice(0, 10);

/** Whether a text is a day that the calendar has. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const instant = Date.parse(`${text}T00:00:00Z`);
  return instant >= 0 && dayOf(instant) === text;
}

/** The first instant of a day, milliseconds since 1970. */
export const instantOf = (day: Day): number => Date.parse(`${day}T00:00:00Z`);

/** The day so many days later. */
export const daysAfter = (day: Day, days: number): Day => dayOf(instantOf(day) + days * DAY_MS);

/** How each frequency divides the calendar. */
const PERIODS: Record<Frequency, (day: Day) => Period> = {
  weekly(day) {
    const first = daysAfter(day, -((new Date(instantOf(day)).getUTCDay() + 6) % 7));
    // A week belongs to the year of its Thursday.
    const thursday = daysAfter(first, 3);
    const number = Math.floor((instantOf(thursday) - Date.UTC(yearOf(thursday), 0, 1)) / DAY_MS / 7) + 1;
    return {
      name: `${thursday.slice(0, 4)}-W${String(number).padStart(2, '0')}`,
      first,
      last: daysAfter(first, 6),
    };
  },
  monthly: (day) => ({ name: day.slice(0, 7), ...months(yearOf(day), monthOf(day), 1) }),
  quarterly(day) {
    const quarter = Math.floor(monthOf(day) / 3);
    return { name: `${day.slice(0, 4)}-Q${quarter + 1}`, ...months(yearOf(day), quarter * 3, 3) };
  },
};

const yearOf = (day: Day) => Number(day.slice(0, 4));
/** From 0. */
const monthOf = (day: Day) => Number(day.slice(5, 7)) - 1;

const months = (year: number, month: number, count: number) => ({
  first: dayOf(Date.UTC(year, month, 1)),
  last: dayOf(Date.UTC(year, month + count, 1) - DAY_MS),
});

/** The period that a day is in. */
export const periodOf = (frequency: Frequency, day: Day): Period => PERIODS[frequency](day);

/** The period after this one. */
export const periodAfter = (frequency: Frequency, { last }: Period): Period =>
  periodOf(frequency, daysAfter(last, 1));

/** The period before this one. */
export const periodBefore = (frequency: Frequency, { first }: Period): Period =>
  periodOf(frequency, daysAfter(first, -1));

/** Whether a day is in a period. */
export const isIn = ({ first, last }: Period, day: Day): boolean => first <= day && day <= last;

/** The quarter of a name as `2026-Q4`. */
export const quarterNamed = (name: string): Period =>
  periodOf('quarterly', `${name.slice(0, 4)}-${String(Number(name.slice(6)) * 3).padStart(2, '0')}-01`);

/** Periods from that of one day to that of another, the oldest first. */
export function periodsBetween(frequency: Frequency, from: Day, to: Day): Period[] {
  const periods: Period[] = [];
  for (let period = periodOf(frequency, from); period.first <= to; period = periodAfter(frequency, period))
    periods.push(period);
  return periods;
}
