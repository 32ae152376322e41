import { isAtLeast, type Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import { type Day, days, type Hours, type Rules } from "./Rules.ts";

/** What is decided about: the channel's part, what it was told of the thread, and the time in Unix milliseconds. */
export interface Wanting {
  readonly minSeverity: Severity;
  readonly rules?: Rules | undefined;
  readonly isTold: boolean;
  readonly nowMs: number;
}

/** What makes sense only to somebody who knows the alert. */
const followUps: readonly string[] = [
  "retracted",
  "resolved",
  "acknowledged",
  "confirmed",
  "relocated",
  "expired",
  "released",
];

/**
 * Whether a channel gets `notice` (DELIV-03). Who was told of an alert is told what became of it, whatever the hour (FIND-04); who
 * was not is not told that it is over. A test goes everywhere.
 */
export function wants(notice: Notice, { minSeverity, rules = {}, isTold, nowMs }: Wanting): boolean {
  if (notice.transition === "test" || notice.transition === "escalated") return true;
  if (followUps.includes(notice.transition)) return isTold;
  if (!isAtLeast(notice.severity, minSeverity)) return false;
  return isTold || (fitsSubject(notice, rules) && fitsOwner(notice, rules) && isWithin(rules.hours, nowMs));
}

// A notice about ourselves has no subject of the protocol: who protects one wants to know that the watch is ill.
function fitsSubject({ topic, subject }: Notice, { subjects }: Rules): boolean {
  return subjects === undefined || topic === "health" || (subject !== undefined && subjects.includes(subject));
}

// An action is everybody's: it has no detector, and its owners are the guardians.
function fitsOwner({ owner }: Notice, { owners }: Rules): boolean {
  return owners === undefined || owner === undefined || owners.includes(owner);
}

/** Whether `nowMs` lies within `hours`, by the clocks of their time zone. */
export function isWithin(hours: Hours | undefined, nowMs: number): boolean {
  if (hours === undefined) return true;
  const { day, minute } = localTime(nowMs, hours.timeZone);
  const [from, to] = [minuteOf(hours.from), minuteOf(hours.to)];
  const isDay = (index: number) => hours.days === undefined || hours.days.includes(days[(index + 7) % 7]!);
  if (from < to) return isDay(day) && minute >= from && minute < to;
  return (isDay(day) && minute >= from) || (isDay(day - 1) && minute < to);
}

function minuteOf(time: string): number {
  const [hour, minute] = time.split(":").map(Number);
  return hour! * 60 + minute!;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function localTime(nowMs: number, timeZone: string): { readonly day: number; readonly minute: number } {
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    const form = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone } as const;
    clock = new Intl.DateTimeFormat("en-GB", form);
    clocks.set(timeZone, clock);
  }
  const part = Object.fromEntries(clock.formatToParts(nowMs).map(({ type, value }) => [type, value]));
  return {
    day: days.indexOf(part.weekday!.toLowerCase() as Day),
    minute: Number(part.hour) * 60 + Number(part.minute),
  };
}
