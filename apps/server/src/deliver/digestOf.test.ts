import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import fc from "fast-check";
import { expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { bodyLines } from "./bodyLines.ts";
import { digestId, digestOf } from "./digestOf.ts";
import { messageOf } from "./Message.ts";
import { linkedIn, nastyText } from "./nastyText.testkit.ts";

const alert = (number: number, severity: Severity, reason = `loss ${number}`): Notice => ({
  ...notice(finding(number, reason), "raised", severity),
  title: reason,
});
const digest = (notices: readonly Notice[]) => digestOf(digestId("c", notices), notices);
const keyOf = ({ thread }: Notice) => thread.slice(2, 10);

test("DELIV-03: a digest names its most severe alerts by severity, short name and detector, and says how many more there are", () => {
  const lows = Array.from({ length: 30 }, (_, i) => alert(i + 10, "low"));
  const [high, medium] = [alert(1, "high"), alert(2, "medium")];
  const { title, body, digest: named } = digest([...lows, medium, high]);
  expect(title).toBe(`32 alerts within a minute: 1 high, 1 medium, 30 low; first ${keyOf(high)} outflow`);
  const lines = body.split("\n");
  expect(lines.slice(0, 3)).toEqual([
    `high raised ${keyOf(high)} outflow: loss 1`,
    `medium raised ${keyOf(medium)} outflow: loss 2`,
    `low raised ${keyOf(lows[0]!)} outflow: loss 10`,
  ]);
  // As many lines as the terminal shows of a body.
  expect([lines.length, lines.at(-1)]).toEqual([20, "and 13 more; `testudo status` lists what is open"]);
  expect(named).toMatchObject({
    count: 32,
    alerts: [{ thread: high.thread, severity: "high", detector: "outflow" }, {}, ...Array(17).fill({})],
  });
  expect(digest(lows.slice(0, 20)).body).not.toContain("more");
});

test("DELIV-03: an action within a digest is named as it is alone", () => {
  const { detector: _, ...info } = alert(3, "info", "Pause 0x1234567890 of 0x2e1a7d4d at 0xab: signed");
  expect(digest([info, info]).body.split("\n")[0]).toBe(`info raised ${keyOf(info)}: ${info.title}`);
});

test("DELIV-04: no title within a digest begins a line of its own", () => {
  const forged = alert(1, "low", "loss\r\ncritical raised deadbeef admin-change: forged\nx");
  expect(digest([forged, forged]).body.split("\n")).toHaveLength(2);
  expect(bodyLines(messageOf(digest([forged, forged])), 3_000)).toHaveLength(2);
});

test("DELIV-03: within any room whole lines are shown, the most severe first, and how many more there are", () => {
  const alerts = fc.array(fc.tuple(fc.constantFrom<Severity>("low", "medium", "high"), nastyText), {
    minLength: 2,
    maxLength: 40,
  });
  // The worst that a service's own escaping does.
  const double = (line: string) => line.replace(/[^a-z0-9 ]/gu, "\\$&");
  fc.assert(
    fc.property(alerts, fc.integer({ min: 120, max: 4_000 }), (of, room) => {
      const notices = of.map(([severity, title], i) => alert(i, severity, title.repeat(10)));
      const lines = bodyLines(messageOf(digest(notices)), room, double);
      expect(lines.join("\n").length).toBeLessThanOrEqual(room);
      expect(lines.flatMap(linkedIn)).toEqual([]);
      const [, more = "0"] = /^and (\d+) more/.exec(lines.at(-1)!) ?? [];
      const named = lines.length - (more === "0" ? 0 : 1);
      expect(named + Number(more)).toBe(notices.length);
      const severities = ["low", "medium", "high"];
      const ranks = lines.slice(0, named).map((line) => severities.indexOf(line.split(" ")[0]!));
      expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
    }),
  );
});

test("behavior: the lines of what is no digest are those of its body", () => {
  const message = { ...messageOf(alert(1, "low")), body: "a\nb@c" };
  expect(bodyLines(message, 10, (line) => `>${line}`)).toEqual([">a", ">b[@]c"]);
});
