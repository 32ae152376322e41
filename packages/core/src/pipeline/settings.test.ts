import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applySettings } from "../calibration/applySettings.ts";
import { type CalibrationInput, calibrate } from "../calibration/calibrate.ts";
import { proposeSettings } from "../calibration/proposeSettings.ts";
import { reportCalibration } from "../calibration/reportCalibration.ts";
import { detectOracleDeviation } from "../detectors/detectOracleDeviation.ts";
import { detectOracleStale } from "../detectors/detectOracleStale.ts";
import { detectOracleWriter } from "../detectors/detectOracleWriter.ts";
import { detectOutflow } from "../detectors/detectOutflow.ts";
import { detectUnseenPath } from "../detectors/detectUnseenPath.ts";
import { findingOf } from "../governance/cases.testkit.ts";
import type { Calibration } from "../model/Calibration.ts";
import { type DetectorUse, useDetector } from "../model/Detector.ts";
import { addr, runDetector, transferLog, word } from "../model/detectorCase.testkit.ts";
import type { FalseAlarm } from "../model/FalseAlarm.ts";
import type { Observation, Observed } from "../model/Observed.ts";
import { proposeLimit } from "../model/proposeLimit.ts";
import { identify } from "../model/Record.ts";
import type { StateRead } from "../model/StateRead.ts";

const seriesOf = (values: readonly number[], from = 1_000): Observation[] =>
  values.map((value, i) => ({ timestamp: BigInt(from + 12 * i), value }));
const [vault, other, feed, second] = [0x1001, 0x1002, 0xfe, 0xf1].map((n) => addr(n)) as [
  ReturnType<typeof addr>,
  ReturnType<typeof addr>,
  ReturnType<typeof addr>,
  ReturnType<typeof addr>,
];
const nothingCut = () => false;
const withSettings = (uses: readonly DetectorUse[], observed: readonly Observed[]) =>
  ({ settings: proposeSettings(uses, observed, nothingCut) }) as Calibration;

describe("a limit out of a history", () => {
  test("CAL-02: no more of the oldest 70 % lies above it than its share, and the newest 30 % is counted against it", () => {
    const values = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 100, maxLength: 400 });
    fc.assert(
      fc.property(values, (all) => {
        const { limit, above, samples } = proposeLimit(seriesOf(all), { share: 0.01, factor: 1, least: 0 })!;
        const fitted = all.slice(0, Math.floor(all.length * 0.7));
        expect(fitted.filter((v) => v > limit).length).toBeLessThanOrEqual(fitted.length * 0.01);
        const judged = all.slice(fitted.length);
        expect([samples, above]).toEqual([
          all.length,
          { hits: judged.filter((v) => v > limit).length, trials: judged.length },
        ]);
      }),
    );
  });

  test("CAL-01: a share of 1/n is proposed from n figures on, the most that was seen from 20 on", () => {
    const of = (count: number, share: number) =>
      proposeLimit(seriesOf(Array(count).fill(2)), { share, factor: 1.2, least: 0 })?.limit;
    expect([of(999, 0.001), of(1_000, 0.001), of(19, 0), of(20, 0)]).toEqual([undefined, 2.4, undefined, 2.4]);
  });

  test("a calm history proposes no less than the least", () => {
    expect(proposeLimit(seriesOf(Array(50).fill(0)), { share: 0, factor: 1, least: 0.3 })?.limit).toBe(0.3);
  });
});

describe("settings of a detector", () => {
  const reading = (to: string) => ({ to, data: "0x50d25bcd", decimals: 8, word: 0 });
  const one = { name: "ETH", subject: vault, feed: reading(feed), references: [reading(second)], twapSeconds: 0 };
  const deviation = useDetector(detectOracleDeviation, { feeds: [{ ...one, maxDeviation: 0.02 }] });
  const wild = new Map([["deviation ETH", seriesOf(Array.from({ length: 2_000 }, (_, i) => (i % 7) / 100))]]);
  const at = (price: number) => ({
    state: (r: StateRead) => word(BigInt(Math.round((r.kind === "call" && r.to === feed ? price : 100) * 1e8))),
  });
  const told = (use: DetectorUse, price: number) => runDetector(use, [vault], [at(price)])[0]!.length;

  test("CAL-05: nothing changes until they are applied, and then what is habit there is told no more", () => {
    const calibration = withSettings([deviation], [wild]);
    expect(calibration.settings![0]!.evidence).toEqual([
      {
        setting: 'maxDeviation of "ETH"',
        before: 0.02,
        after: 0.072,
        rule: "1.2 times what 0.1 % lay above",
        samples: 2_000,
        above: { hits: 0, trials: 600 },
      },
    ]);
    const [tuned] = applySettings([deviation], calibration);
    expect([told(deviation, 106), told(tuned!, 106), told(tuned!, 108)]).toEqual([1, 0, 1]);
  });

  test("CAL-03: what lies in a cut counts for nothing", () => {
    const isCut = (timestamp: bigint) => timestamp > 1_000n + 12n * 900n;
    expect(proposeSettings([deviation], [wild], isCut)).toEqual([]);
  });

  test("CAL-04: outflow limits are per contract, asset and window: what is usual for one is told of the other", () => {
    const usd = addr(0x701);
    const shares = (most: number) => seriesOf(Array.from({ length: 30 }, (_, i) => (most * (i + 1)) / 30));
    const observed = new Map([
      [`${vault}|${usd}|3600`, shares(0.5)],
      [`${other}|${usd}|3600`, shares(0.01)],
    ]);
    const use = useDetector(detectOutflow);
    const calibration = withSettings([use], [observed]);
    const [tuned] = applySettings([use], calibration);
    expect((tuned!.settings as { limits: unknown }).limits).toEqual([
      { holder: vault, asset: usd, seconds: 3_600, theta: 0.6 },
      { holder: other, asset: usd, seconds: 3_600, theta: 0.012 },
    ]);
    const leaves = (holder: typeof vault, percent: bigint) => ({
      txs: [{ from: addr(0xbad), to: holder, logs: [transferOut(usd, holder)] }],
      state: (r: StateRead) =>
        r.kind === "call" && r.to === usd && r.data.startsWith("0x70a08231")
          ? word(r.at === "parent" ? 1_000_000n : 1_000_000n - percent * 10_000n)
          : undefined,
    });
    const loud = (u: DetectorUse, holder: typeof vault, percent: bigint) =>
      runDetector(u, [vault, other], [leaves(holder, percent)])[0]!.filter(
        ({ evidence }) => evidence.windowSeconds === 3_600,
      ).length;
    expect([loud(use, vault, 45n), loud(tuned!, vault, 45n)]).toEqual([1, 0]);
    expect([loud(use, other, 3n), loud(tuned!, other, 3n)]).toEqual([0, 1]);
  });

  test("a feed's heartbeat, an oracle's writers and paths of two days are proposed, a confirmed set is left alone", () => {
    const oracle = { name: "keeper", oracle: feed, subject: vault, writers: [], selectors: [] };
    const confirmed = { ...oracle, name: "known", writers: [other] };
    const uses = [
      useDetector(detectOracleStale, { feeds: [{ name: "ETH", subject: vault, feed, heartbeatSeconds: 60 }] }),
      useDetector(detectOracleWriter, { oracles: [oracle, confirmed] }),
      useDetector(detectUnseenPath),
    ];
    const days = [0, 100_000].map((at): Observation => ({ timestamp: BigInt(at), value: 1 }));
    const observed = [
      new Map([["gap ETH", seriesOf(Array(25).fill(600))]]),
      new Map([
        [`writer keeper ${second}`, seriesOf([1, 1])],
        [`writer keeper ${vault}`, seriesOf([1])],
        [`writer known ${second}`, seriesOf([1, 1])],
      ]),
      new Map([
        [`path 0x${"aa".repeat(16)}`, days],
        [`path 0x${"bb".repeat(16)}`, days.slice(0, 1)],
      ]),
    ];
    const [stale, writer, path] = applySettings(uses, withSettings(uses, observed)).map((use) => use.settings);
    expect(stale).toMatchObject({ feeds: [{ heartbeatSeconds: 720 }] });
    expect(writer).toMatchObject({ oracles: [{ writers: [second] }, { writers: [other] }] });
    expect(path).toMatchObject({ confirmed: [`0x${"aa".repeat(16)}`], learnTxs: 0, learnSeconds: 0 });
  });

  test("error: settings of another version, or of a detector that is gone, are refused", () => {
    const calibration = withSettings([deviation], [wild]);
    const newer = { ...deviation, meta: { ...deviation.meta, version: "9.0.0" } };
    expect(() => applySettings([newer], calibration)).toThrow(/"oracle-deviation" 1\.1\.0, which is 9\.0\.0 now/);
    expect(() => applySettings([], calibration)).toThrow(/not there/);
  });
});

function transferOut(asset: ReturnType<typeof addr>, holder: ReturnType<typeof addr>) {
  return transferLog(asset, holder, addr(0xbad), 1n);
}

describe("FIND-08: what reviewed false alarms teach a detector with a learned set", () => {
  const [path, usual] = [`0x${"a1".repeat(16)}`, `0x${"a2".repeat(16)}`];
  const use = useDetector(detectUnseenPath);
  const ref = { number: 1n, hash: `0x${"01".repeat(32)}`, parentHash: `0x${"00".repeat(32)}`, timestamp: 1n } as const;
  const finding = findingOf("anomaly", {
    ...{ detector: "unseen-path", version: use.meta.version, subject: vault, score: 0.5, timestamp: 500_000n },
    evidence: { hash: path, onlyLoses: false },
  });
  const review = identify({
    ...{ kind: "Review" as const, from: [finding.id], finding: finding.id, verdict: "accepted" as const },
    ...{ actor: "bo", note: "ours" },
  });
  const alarm: FalseAlarm = { finding, resolution: "benign", actor: "ana", note: "a new front end", review };
  const transactions = Array.from({ length: 2_000 }, (_, i) => ({
    timestamp: BigInt(i),
    scores: (i % 50 === 0 ? { "unseen-path": 0.5 } : {}) as Record<string, number>,
  }));
  const made = (cuts: CalibrationInput["cuts"] = [], observed: Observed = new Map()) =>
    calibrate({
      ...{ chainId: finding.chainId, watched: [vault], range: { from: ref, to: ref }, data: ref.hash, flows: [], cuts },
      ...{ detectors: [use.meta], histories: [{ subject: vault, transactions }], uses: [use], observed: [observed] },
      feedback: { alarms: [alarm], findings: [{ finding, resolution: "benign" }] },
    });

  test("is the path, in settings that nobody applies by itself, and no threshold", () => {
    const calibration = made();
    expect(calibration.falseAlarms).toMatchObject([{ finding: finding.id, isLearned: true, effects: [] }]);
    expect(calibration.settings).toMatchObject([{ detector: "unseen-path", settings: { confirmed: [path] } }]);
    expect(calibration.detectors[0]!.levels.some((level) => "byHistory" in level)).toBe(false);
    expect(reportCalibration(calibration)).toContain("  its path stands in the proposed settings; no threshold moves");
    const [tuned] = applySettings([use], calibration);
    expect(tuned!.settings).toMatchObject({ confirmed: [path], learnSeconds: 604_800 });
  });

  test("stands beside what the history itself walked", () => {
    const walked = [100_000n, 200_000n].map((timestamp) => ({ timestamp, value: 1 }));
    const { settings } = made([], new Map([[`path ${usual}`, walked]]));
    expect(settings).toMatchObject([{ settings: { confirmed: [usual, path], learnSeconds: 0, learnTxs: 0 } }]);
  });

  test("is nothing where the alarm lies within a recorded incident", () => {
    const calibration = made([{ from: 499_000n, to: 501_000n, reason: "the drain" }]);
    expect(calibration.settings).toEqual([]);
    expect(calibration.falseAlarms).toMatchObject([{ heldBack: "it lies within a recorded incident: the drain" }]);
  });
});
