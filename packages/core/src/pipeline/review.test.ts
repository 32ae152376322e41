import { describe, expect, test } from "vitest";
import { isSameName } from "../model/FalseAlarm.ts";
import type { FindingClass } from "../model/Finding.ts";
import type { Resolution } from "../model/FindingStatus.ts";
import type { Hex } from "../model/Hex.ts";
import { isIntact } from "../model/Record.ts";
import type { Verdict } from "../model/Review.ts";
import { blockOn, detectorOf, draftOf, feeder, marksOf, onMark, programOf } from "../pipeline.testkit.ts";
import { openState } from "../pipeline.ts";

/** A finding of `cls` that ana marked as `resolution`, and what is reviewed of it. */
function marked(cls: FindingClass = "anomaly", resolution: Resolution = "false-positive") {
  const f = feeder(programOf([onMark("odd", cls, "odd")]));
  const bundle = blockOn(null, "a", ["odd"]);
  f.live(bundle);
  const { id: finding } = f.records().find((record) => record.kind === "Finding")!;
  f.feed({ kind: "resolve", finding, resolution, actor: "ana", note: "the keeper" });
  const review = (verdict: Verdict, actor: string, of: Hex = finding, note = "seen it too") => {
    f.feed({ kind: "review", finding: of, verdict, actor, note });
    return f.records().flatMap((record) => (record.kind === "Review" ? [`${record.verdict} by ${record.actor}`] : []));
  };
  return { f, finding, bundle, review };
}

/** Two blocks with one finding, graver in the second, which ana marked as `resolution`. */
function graverMarked(resolution: Resolution) {
  const graded = detectorOf("odd", "anomaly", (c) => {
    for (const mark of marksOf(c.block)) c.finding(draftOf({ severity: mark === "weak" ? "medium" : "critical" }));
  });
  const f = feeder(programOf([graded]));
  const one = blockOn(null, "a", ["weak"]);
  const two = blockOn(one.ref, "a", ["strong"]);
  f.live(one);
  f.live(two);
  const graver = f.records().findLast((record) => record.kind === "Finding")!.id;
  f.feed({ kind: "resolve", finding: graver, resolution, actor: "ana", note: "the keeper" });
  return { f, one, two, graver };
}

describe("FIND-08: a false alarm", () => {
  test("is accepted by somebody else, once, and stands in the evidence with names and reasons", () => {
    const { f, finding, review } = marked();
    expect(review("accepted", "bruno")).toEqual(["accepted by bruno"]);
    const status = f.records().find((r) => r.kind === "FindingStatus" && r.transition === "resolved")!;
    expect(status).toMatchObject({ actor: "ana", note: "the keeper", resolution: "false-positive" });
    const record = f.records().find((r) => r.kind === "Review")!;
    expect(record).toMatchObject({ from: [finding, status.id], finding, actor: "bruno", note: "seen it too" });
    expect(isIntact(record)).toBe(true);
    expect(f.commits.at(-1)!.evidence).toMatchObject({ input: "review", from: [record.id] });
    expect(review("accepted", "carla")).toEqual(["accepted by bruno"]);
  });

  test.each([
    "ana",
    "Ana",
    " ana ",
    "ANA",
    "a n a",
    "\uff41na",
    "an\u00e1",
    "a\u200bna",
    "ana\u3164",
    "ana\u115f",
    "ana\u2800",
    "ana\u{1d159}",
    "\u{13441}ana\u{13442}",
    "\u200b",
    "\u3164",
    "\u2800",
    "",
  ])("is not accepted by who marked it, nor by nobody: %j", (actor) => {
    expect(marked().review("accepted", actor)).toEqual([]);
  });

  test("is refused by anyone, after it was accepted too, and then for good", () => {
    const { review } = marked();
    review("accepted", "bruno");
    expect(review("refused", "ana")).toEqual(["accepted by bruno", "refused by ana"]);
    expect(review("accepted", "carla")).toHaveLength(2);
    expect(review("refused", "bruno")).toHaveLength(2);
  });

  test("changes nothing that is told: the next one is as loud", () => {
    const { f, bundle, review } = marked();
    review("accepted", "bruno");
    f.live(blockOn(bundle.ref, "a", ["odd"]));
    const loud = f.records().filter((record) => record.kind === "Finding");
    expect(loud.map(({ severity }) => severity)).toEqual(["critical", "critical"]);
  });

  test.each([
    ["damage, which is never made quieter", () => marked("damage")],
    ["a broken invariant", () => marked("invariant")],
    ["what was an attack", () => marked("anomaly", "true-positive")],
    ["a duplicate", () => marked("anomaly", "duplicate")],
  ])("is not %s", (_, make) => {
    expect(make().review("accepted", "bruno")).toEqual([]);
  });

  test("needs a reason, a finding that is there, and one that no reorg took back", () => {
    const { f, finding, bundle, review } = marked();
    for (const note of [" ", "\u200b", "\u3164"]) expect(review("accepted", "bruno", finding, note)).toEqual([]);
    expect(review("accepted", "bruno", `0x${"00".repeat(32)}`)).toEqual([]);
    const { number, parentHash } = bundle.ref;
    const ancestor = { number: number - 1n, hash: parentHash, parentHash, timestamp: 1n };
    f.feed({ kind: "reorg", ancestor, orphaned: [bundle.ref] });
    expect(review("accepted", "bruno")).toEqual([]);
  });

  test.each([
    ["\u0391\u03a3", "\u03b1\u03c3"],
    ["\u0391\u03a3", "\u03b1\u03c2"],
    ["WEI\u1e9e", "wei\u00df"],
    ["WEI\u1e9e", "weiss"],
    ["Gro\u00df", "GROSS"],
  ])("takes %j and %j for one name in another case", (one, other) => {
    expect(isSameName(one, other)).toBe(true);
  });

  test("is not accepted of a graver version whose block was orphaned, where the first one stands", () => {
    const { f, one, two, graver } = graverMarked("false-positive");
    f.feed({ kind: "reorg", ancestor: one.ref, orphaned: [two.ref] });
    f.feed({ kind: "review", finding: graver, verdict: "accepted", actor: "bruno", note: "seen it too" });
    expect(f.records().filter(({ kind }) => kind === "Review")).toEqual([]);
  });

  test("has both its marks and reviews after a restart", () => {
    const { f, finding } = marked();
    const again = feeder(programOf([]), openState(f.state.cells));
    again.feed({ kind: "review", finding, verdict: "accepted", actor: "bruno", note: "yes" });
    expect(again.records().map(({ kind }) => kind)).toEqual(["Review"]);
  });
});

test("FIND-08: what a person said of a graver version is said of the one that a reorg leaves", () => {
  const { f, one, two } = graverMarked("true-positive");
  f.feed({ kind: "reorg", ancestor: one.ref, orphaned: [two.ref] });
  const last = f.records().findLast((record) => record.kind === "FindingStatus");
  expect(last).toMatchObject({ transition: "relocated", work: "resolved", resolution: "true-positive" });
});
