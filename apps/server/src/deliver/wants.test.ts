import fc from "fast-check";
import { expect, test } from "vitest";
import { finding, notice, subject } from "../store/chain.testkit.ts";
import type { Rules } from "./Rules.ts";
import { isWithin, wants } from "./wants.ts";

const at = (iso: string) => Date.parse(iso);
const noon = at("2026-07-06T10:00:00Z"); // a Monday, 12:00 in Berlin
const alert = { ...notice(finding(7)), owner: "risk" };
const asked = (rules: Rules, more: Partial<Parameters<typeof wants>[1]> = {}) => ({
  minSeverity: "low" as const,
  rules,
  isTold: false,
  nowMs: noon,
  ...more,
});
const day = { from: "08:00", to: "18:00", timeZone: "Europe/Berlin" };
const night = { from: "22:00", to: "06:00", days: ["fri"] as const, timeZone: "Europe/Berlin" };

test("DELIV-03: a channel gets what is severe enough, about its subjects, of its owners, within its hours", () => {
  expect(wants(alert, asked({ subjects: [subject], owners: ["risk"], hours: day }))).toBe(true);
  expect(wants({ ...alert, severity: "info" }, asked({}))).toBe(false);
  expect(wants(alert, asked({ subjects: [`0x${"cd".repeat(20)}`] }))).toBe(false);
  expect(wants(alert, asked({ owners: ["ops"] }))).toBe(false);
  expect(wants(alert, asked({ hours: day }, { nowMs: noon + 12 * 3_600_000 }))).toBe(false);
});

test("DELIV-03: our own illness is about every subject, and an action is every owner's", () => {
  const other = { subjects: [`0x${"cd".repeat(20)}`] as const, owners: ["ops"] };
  const { owner: _, ...action } = alert;
  expect(wants({ ...alert, topic: "health" }, asked({ subjects: other.subjects }))).toBe(true);
  expect(wants({ ...action, topic: "action" }, asked({ owners: other.owners }))).toBe(true);
});

test("FIND-04: who was told is told what became of it at any hour; who was not is not told that it is over", () => {
  const closed = { hours: day };
  const midnight = noon + 12 * 3_600_000;
  for (const transition of ["retracted", "resolved", "acknowledged", "relocated"]) {
    const follow = { ...alert, severity: "info" as const, transition };
    expect(wants(follow, asked(closed, { isTold: true, nowMs: midnight, minSeverity: "high" }))).toBe(true);
    expect(wants({ ...follow, severity: "critical" }, asked({}))).toBe(false);
  }
});

test("SELF-03: a test goes through whatever the rules are", () => {
  const rules = { subjects: [], owners: [], hours: night };
  expect(wants({ ...alert, severity: "info", transition: "test" }, asked(rules, { minSeverity: "critical" }))).toBe(
    true,
  );
});

test.each([
  ["2026-07-06T06:00:00Z", day, true], // 08:00 in summer
  ["2026-07-06T05:59:00Z", day, false],
  ["2026-01-05T07:00:00Z", day, true], // 08:00 in winter
  ["2026-01-05T06:59:00Z", day, false],
  ["2026-07-06T16:00:00Z", day, false], // 18:00 is over
  ["2026-07-10T20:30:00Z", night, true], // Friday 22:30
  ["2026-07-11T03:30:00Z", night, true], // Saturday 05:30 belongs to Friday's night
  ["2026-07-11T20:30:00Z", night, false], // Saturday 22:30
  ["2026-07-10T03:30:00Z", night, false], // Friday 05:30 belongs to Thursday's night
] as const)("DELIV-03: %s is within %o: %s", (iso, hours, expected) => {
  expect(isWithin(hours, at(iso))).toBe(expected);
});

test("DELIV-03: hours and the hours from their end to their beginning share every minute between them, in any zone", () => {
  const clock = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
  const text = ([h, m]: [number, number]) => `${String(h).padStart(2, "0")}:${String(m).padStart(2, "0")}`;
  const zones = ["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC"];
  fc.assert(
    fc.property(
      clock,
      clock,
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 2_000_000_000 }),
      (a, b, timeZone, s) => {
        fc.pre(text(a) !== text(b));
        const inside = isWithin({ from: text(a), to: text(b), timeZone }, s * 1_000);
        const outside = isWithin({ from: text(b), to: text(a), timeZone }, s * 1_000);
        expect(inside).not.toBe(outside);
      },
    ),
  );
});
