// What people's reviews do to a calibration, and what they cannot.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Calibration } from "../model/Calibration.ts";
import type { FalseAlarm } from "../model/FalseAlarm.ts";
import type { Feedback, JudgedFinding } from "../model/Feedback.ts";
import type { Finding } from "../model/Finding.ts";
import type { Hex } from "../model/Hex.ts";
import { budgetsPpm } from "../model/Ladder.ts";
import { hashOf, identify } from "../model/Record.ts";
import { type CalibrationInput, calibrate } from "./calibrate.ts";
import { levelInUse } from "./levelInUse.ts";
import { reportCalibration } from "./reportCalibration.ts";

const subject: Hex = `0x${"aa".repeat(20)}`;
const other: Hex = `0x${"bb".repeat(20)}`;
const ref = { number: 1n, hash: `0x${"01".repeat(32)}`, parentHash: `0x${"00".repeat(32)}`, timestamp: 1n } as const;

/** 20,000 transactions: one in 400 scored 0.3, one in 4,000 scored 0.6. Alerts 0, pages 0.3, actions 0.6 by history alone. */
const habit = (i: number): number => (i % 4_000 === 7 ? 0.6 : i % 400 === 7 ? 0.3 : 0);
const secondsApart = 60n;

let made = 0;
function findingOf(score: number, change: Partial<Finding> = {}): Finding {
  made += 1;
  return identify({
    ...{ kind: "Finding" as const, from: [], dedupKey: hashOf(made), detector: "odd", version: "1.0.0" },
    ...{ class: "anomaly" as const, hard: false, severity: "high" as const, reason: "odd", chainId: 1 },
    ...{
      blockNumber: 10n,
      blockHash: ref.hash,
      timestamp: 10_000_000n,
      phase: "live" as const,
      subject,
      addresses: [],
    },
    ...{ score, evidence: {}, runbook: "none", owner: "test", ...change },
  });
}

function alarmOf(finding: Finding): FalseAlarm {
  const review = identify({
    ...{ kind: "Review" as const, from: [finding.id], finding: finding.id, verdict: "accepted" as const },
    ...{ actor: "bruno", note: "seen it too" },
  });
  return { finding, resolution: "false-positive", actor: "ana", note: "the keeper", review };
}

const accepted = (...scores: readonly number[]) => scores.map((score) => alarmOf(findingOf(score)));
const feedbackOf = (alarms: readonly FalseAlarm[], findings: readonly JudgedFinding[] = []): Feedback => ({
  alarms,
  findings: [...alarms.map(({ finding, resolution }) => ({ finding, resolution })), ...findings],
});

function made20k(feedback: Feedback | undefined, change: Partial<CalibrationInput> = {}, scoreAt = habit): Calibration {
  const transactions = Array.from({ length: 20_000 }, (_, i) => {
    const score = scoreAt(i);
    return {
      timestamp: BigInt(i) * secondsApart,
      scores: (score > 0 ? { odd: score, even: score } : {}) as Record<string, number>,
    };
  });
  return calibrate({
    ...{ chainId: 1, watched: [subject, other], range: { from: ref, to: ref }, data: ref.hash, flows: [], cuts: [] },
    detectors: [
      { id: "odd", version: "1.0.0" },
      { id: "even", version: "1.0.0" },
    ],
    histories: [
      { subject, transactions },
      { subject: other, transactions },
    ],
    ...(feedback ? { feedback } : {}),
    ...change,
  });
}

/** Thresholds of alerts, pages and actions of `detector` on `at`. */
function usesOf(calibration: Calibration, detector = "odd", at = subject): readonly (number | undefined)[] {
  const entry = calibration.detectors.find((one) => one.detector === detector && one.subject === at)!;
  return Object.values(budgetsPpm).map((budget) => levelInUse(entry.levels, budget)?.threshold);
}

const plain = made20k(undefined);

describe("FIND-08: an accepted false alarm", () => {
  test("raises the threshold of its detector on its contract to its score, and no other", () => {
    expect(usesOf(plain)).toEqual([0, 0.3, 0.6]);
    const raised = made20k(feedbackOf(accepted(0.2)));
    expect(usesOf(raised)).toEqual([0.2, 0.3, 0.6]);
    const rest = (c: Calibration) => [usesOf(c, "even"), usesOf(c, "odd", other), usesOf(c, "even", other)];
    expect(rest(raised)).toEqual(rest(plain));
    expect(raised.detectors[0]!.tail).toEqual(plain.detectors[0]!.tail);
    expect(usesOf(made20k(feedbackOf(accepted(0.5))))).toEqual([0, 0.5, 0.6]);
  });

  test("is listed in the artefact, which has another id, cites the review and rates what it raised", () => {
    const [alarm] = accepted(0.3);
    const raised = made20k(feedbackOf([alarm!]));
    expect(raised.id).not.toBe(plain.id);
    expect(raised.from).toContain(alarm!.review!.id);
    expect(raised.falseAlarms).toEqual([
      {
        ...{
          finding: alarm!.finding.id,
          review: alarm!.review!.id,
          detector: "odd",
          version: "1.0.0",
          subject,
          score: 0.3,
        },
        marked: { actor: "ana", note: "the keeper" },
        accepted: { actor: "bruno", note: "seen it too" },
        effects: [{ use: "alert", budgetPpm: 10_000, before: 0, after: 0.3, wouldHide: [], wouldHideAll: 0 }],
      },
    ]);
    const level = levelInUse(raised.detectors[0]!.levels, budgetsPpm.alert)!;
    expect(level).toMatchObject({ threshold: 0.3, byHistory: 0, fitted: { hits: 4 }, judged: { hits: 1 } });
    expect(plain).not.toHaveProperty("falseAlarms");
    const text = reportCalibration(raised).join("\n");
    expect(text).toContain("marked by ana (the keeper), accepted by bruno (seen it too)");
    expect(text).toContain("  alerts (1 %, by the level of 1 %): 0 -> 0.3");
    expect(text).toContain("1 %: score above 0.3 (0 by history alone)");
  });

  test.each([
    ["of another version", { version: "2.0.0" }, "it is of version 2.0.0, measured is 1.0.0"],
    ["of another chain", { chainId: 5 }, "it is of chain 5"],
    ["of a contract that is not measured", { subject: ref.hash }, "its detector or its contract is not measured"],
    ["of a detector that is not measured", { detector: "gone" }, "its detector or its contract is not measured"],
  ])("%s is listed and raises nothing", (_, change, why) => {
    const calibration = made20k(feedbackOf([alarmOf(findingOf(0.2, change))]));
    expect(calibration.falseAlarms).toMatchObject([{ effects: [], heldBack: why }]);
    expect(calibration.detectors).toEqual(plain.detectors);
    expect(reportCalibration(calibration)).toContain(`  nothing: ${why}`);
  });

  test("that history alone keeps quiet, or with too little history, raises nothing", () => {
    const often = made20k(feedbackOf(accepted(0.2)), {}, (i) => (i % 20 === 0 ? 0.4 : 0));
    expect(often.falseAlarms).toMatchObject([{ heldBack: "history alone keeps it quiet" }]);
    const histories = [{ subject, transactions: [{ timestamp: 1n, scores: {} }] }];
    expect(made20k(feedbackOf(accepted(0.2)), { histories }).falseAlarms).toMatchObject([
      { heldBack: "history is too short for any level" },
    ]);
  });
});

describe("FIND-08: an attacker who marks attacks as false alarms, or provokes harmless ones below his attack,", () => {
  test("raises nothing beyond what history shows often enough, however many are accepted", () => {
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(scores, (all) => {
        const [alert, page, action] = usesOf(made20k(feedbackOf(accepted(...all))));
        const most = (limit: number) => Math.max(0, ...all.filter((score) => score <= limit));
        expect([alert, page, action]).toEqual([most(0.3), Math.max(0.3, most(0.6)), 0.6]);
      }),
      { numRuns: 25 },
    );
    const many = made20k(feedbackOf(accepted(...Array.from({ length: 500 }, (_, i) => 0.61 + i / 2_000))));
    expect(many.detectors).toEqual(plain.detectors);
    expect(many.falseAlarms![0]!.effects).toMatchObject([
      { use: "alert", after: 0, heldBack: "too rare in this history: at most 0.3 is let through" },
      { use: "page", after: 0.3, heldBack: "too rare in this history: at most 0.6 is let through" },
    ]);
  });

  test("never changes what software acts on", () => {
    const all = accepted(...Array.from({ length: 101 }, (_, i) => i / 100));
    expect(usesOf(made20k(feedbackOf(all)))[2]).toBe(usesOf(plain)[2]);
  });

  test.each([
    ["an attack that a person confirmed", { resolution: "true-positive" as const }, "odd in block 10, an attack"],
    [
      "what somebody refused to call harmless",
      { resolution: "false-positive" as const, verdict: "refused" as const },
      "odd in block 10, refused as a false alarm",
    ],
  ])("does not hide %s", (_, said, what) => {
    const attack = { finding: findingOf(0.15), ...said };
    const calibration = made20k(feedbackOf(accepted(0.1, 0.2), [attack]));
    // What lies below the attack is raised; what would hide it is not, not even in part.
    expect(usesOf(calibration)).toEqual([0.1, 0.3, 0.6]);
    const held = calibration.falseAlarms!.find(({ score }) => score === 0.2)!;
    expect(held.effects[0]).toMatchObject({
      heldBack: `would hide ${what}`,
      wouldHide: [{ what, score: 0.15, finding: attack.finding.id }],
    });
    expect(reportCalibration(calibration).join("\n")).toContain(
      `  WARNING: at its score 1 that were heard would not be told any more: ${what} (score 0.15)`,
    );
  });

  test("does not hide an incident that was cut out, in the range or before it, by its loudest score", () => {
    const within = { from: 400n * secondsApart, to: 410n * secondsApart, reason: "the drain of May" };
    const inRange = made20k(feedbackOf(accepted(0.3)), { cuts: [within] });
    expect(inRange.falseAlarms![0]!.effects[0]!.heldBack).toBe('would hide the incident "the drain of May"');
    const before = { from: 9_999_000n, to: 10_001_000n, reason: "the drain of April" };
    const quiet = findingOf(0.05, { timestamp: 10_000_000n });
    const loud = findingOf(0.2, { timestamp: 10_000_500n });
    const findings = [quiet, loud].map((finding) => ({ finding }));
    const marked = [0.1, 0.25].map((score) => alarmOf(findingOf(score, { timestamp: 2n })));
    const earlier = made20k(feedbackOf(marked, findings), { cuts: [before] });
    expect(usesOf(earlier)[0]).toBe(0.1);
    expect(earlier.falseAlarms![1]!.effects[0]!.heldBack).toBe('would hide the incident "the drain of April"');
  });

  test("teaches nothing by what was marked within the hours of a recorded incident", () => {
    const cuts = [{ from: 9_999_000n, to: 10_001_000n, reason: "the drain of April" }];
    expect(made20k(feedbackOf(accepted(0.2)), { cuts }).falseAlarms).toMatchObject([
      { effects: [], heldBack: "it lies within a recorded incident: the drain of April" },
    ]);
  });

  test("is warned of: earlier findings that nobody settled are named where they would not be told", () => {
    const open = Array.from({ length: 10 }, (_, i) => ({ finding: findingOf((i + 1) / 100) }));
    const calibration = made20k(feedbackOf(accepted(0.2), open));
    const [effect] = calibration.falseAlarms![0]!.effects;
    expect(effect).toMatchObject({ after: 0.2, wouldHideAll: 10 });
    expect(effect!.wouldHide).toHaveLength(8);
    const text = reportCalibration(calibration).join("\n");
    expect(text).toContain(
      "WARNING: at its score 10 that were heard would not be told any more: odd in block 10 (score 0.1)",
    );
    expect(text).toContain("; and 2 more");
  });

  test("comes no further by one calibration after another: each begins at history", () => {
    const once = made20k(feedbackOf(accepted(0.3)));
    const twice = made20k(feedbackOf([...accepted(0.3), ...accepted(0.31)]));
    expect(usesOf(twice)[0]).toBe(usesOf(once)[0]);
  });
});
