/** How numbers, times and lists are written in a language. Made once for a language, because Intl is slow to start. */
export interface Format {
  number: (value: number) => string;
  decimal: (value: number) => string;
  milliseconds: (value: number) => string;
  list: (words: string[]) => string;
  /** The time of day. */
  time: (iso: string) => string;
  /** A day as a heading: today, yesterday, a weekday, or the date. */
  day: (iso: string, now?: Date) => string;
  dateTime: (iso: string) => string;
  date: (iso: string) => string;
  /** As short as possible: a time today, a weekday this week, a date before. */
  short: (iso: string, now?: Date) => string;
  /** How long ago. */
  relative: (iso: string, now?: Date) => string;
  /** In how many seconds or minutes. */
  until: (iso: string, now?: Date) => string;
}

const day_ms = 86_400_000;

/** How many midnights lie between two times, where the reader is. */
export function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(later) - midnight(earlier)) / day_ms);
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["minute", 60],
  ["hour", 60],
  ["day", 24],
  ["week", 7],
  ["month", 4.345],
  ["year", 12],
];

export function formatFor(language: string): Format {
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, options);
    return (date: Date) => format.format(date);
  };
  const number = new Intl.NumberFormat(language);
  const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const milliseconds = new Intl.NumberFormat(language, {
    style: "unit",
    unit: "millisecond",
    maximumFractionDigits: 1,
  });
  const list = new Intl.ListFormat(language, { type: "conjunction" });
  const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const time = dates({ hour: "numeric", minute: "2-digit" });
  const weekday = dates({ weekday: "long" });
  const weekdayShort = dates({ weekday: "short" });
  const dayOfYear = dates({ weekday: "long", day: "numeric", month: "long" });
  const date = dates({ day: "numeric", month: "long", year: "numeric" });
  const dateShort = dates({ day: "numeric", month: "short" });
  const dateNumbers = dates({ day: "2-digit", month: "2-digit", year: "2-digit" });
  const dateTime = dates({ dateStyle: "medium", timeStyle: "short" });

  const capital = (words: string) => words.charAt(0).toLocaleUpperCase(language) + words.slice(1);
  const day = (then: Date, now: Date) => {
    const days = daysBetween(then, now);
    if (days < 2 && days >= 0) return capital(ago.format(-days, "day"));
    if (days > 0 && days < 7) return capital(weekday(then));
    return then.getFullYear() === now.getFullYear() ? capital(dayOfYear(then)) : date(then);
  };
  const short = (then: Date, now: Date) => {
    const days = daysBetween(then, now);
    if (days <= 0) return time(then);
    if (days === 1) return capital(ago.format(-1, "day"));
    if (days < 7) return weekdayShort(then);
    return then.getFullYear() === now.getFullYear() ? dateShort(then) : dateNumbers(then);
  };
  const relative = (then: Date, now: Date) => {
    let count = Math.max(0, (now.getTime() - then.getTime()) / 1000);
    let unit: Intl.RelativeTimeFormatUnit = "second";
    for (const [larger, size] of steps) {
      if (count < size) break;
      count /= size;
      unit = larger;
    }
    return unit === "second" ? ago.format(0, "second") : ago.format(-Math.floor(count), unit);
  };
  return {
    number: (value) => number.format(value),
    decimal: (value) => decimal.format(value),
    milliseconds: (value) => milliseconds.format(value),
    list: (words) => list.format(words),
    time: (iso) => time(new Date(iso)),
    day: (iso, now = new Date()) => day(new Date(iso), now),
    dateTime: (iso) => dateTime(new Date(iso)),
    date: (iso) => date(new Date(iso)),
    short: (iso, now = new Date()) => short(new Date(iso), now),
    relative: (iso, now = new Date()) => relative(new Date(iso), now),
    until: (iso, now = new Date()) => {
      const seconds = Math.max(1, Math.ceil((new Date(iso).getTime() - now.getTime()) / 1000));
      return seconds < 60 ? ago.format(seconds, "second") : ago.format(Math.ceil(seconds / 60), "minute");
    },
  };
}

/** The form for a count; `#` in it becomes the number. */
export type Plural = (count: number, forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }) => string;

export function pluralFor(language: string): Plural {
  const rules = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  return (count, forms) => (forms[rules.select(count)] ?? forms.other).replace("#", number.format(count));
}
