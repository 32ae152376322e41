// What waits in a pool costs nothing until a block takes it, and may tell of as many losses as there are tokens made for it.
import { describe, expect, test } from "vitest";
import type { BlockBundle } from "../model/BlockBundle.ts";
import { hashOf } from "../model/Record.ts";
import {
  actionOf,
  armed,
  blockOn,
  detectorOf,
  draftOf,
  feeder,
  marksOf,
  onMark,
  programOf,
  states,
} from "../pipeline.testkit.ts";
import { readStanding } from "../pipeline.ts";

/** Tells of `count` losses for a transaction that is marked `many count`, the one of token `real` alone with a high score. */
const losses = detectorOf("losses", "damage", (c) => {
  for (const [i, mark] of marksOf(c.block).entries()) {
    const [name, count = "0"] = mark.split(" ");
    if (!name!.startsWith("many")) continue;
    for (let token = 0; token < Number(count); token += 1)
      c.finding(
        draftOf({
          key: [c.txs[i]!.tx.hash, `${token}`],
          severity: "high",
          score: token === 300 ? 0.9 : 0.5,
          reason: `token ${token}`,
        }),
      );
  }
});
const odd = onMark("odd", "anomaly", "attack");
const harm = onMark("harm", "damage", "attack");

function opened(detectors = [losses, odd, harm]) {
  const f = feeder(programOf(detectors));
  const head = blockOn(null);
  f.feed(armed);
  f.live(head);
  const waits = (head: BlockBundle, mark: string, tipWei: bigint, nonce: number) => {
    const bundle = blockOn(head.ref, "pool", mark.split("+"));
    const tx = { tx: bundle.txs[0]!.hash, sender: bundle.txs[0]!.from, nonce: 1_000 + nonce };
    f.feed({
      kind: "pending",
      bundle,
      prediction: { ...tx, tipWei, maxFeeWei: tipWei, untilBlock: head.ref.number + 12n },
    });
  };
  const findings = () => f.records().flatMap((r) => (r.kind === "Finding" ? [r] : []));
  const predicted = () => readStanding(f.state).predicted ?? [];
  const expired = () => f.records().filter((r) => r.kind === "FindingStatus" && r.transition === "expired").length;
  return { f, head, waits, findings, predicted, expired };
}

describe("PRE-01: of one transaction that tells of a thousand losses", () => {
  test("those of the highest score are predicted, and whoever asked hears of all", () => {
    const { f, head, waits, findings } = opened();
    waits(head, "many 1000", 1n, 0);
    expect(findings().map(({ reason }) => reason)).toContain("token 300");
    expect(findings()).toHaveLength(8);
    const told = f.outputs().findLast((output) => output.kind === "foretold");
    expect(told?.kind === "foretold" && told.findings.length).toBe(1_000);
  });

  test("GATE-01: the anomaly and the damage of another kind are, and the pause is proposed", () => {
    const { f, head, waits } = opened();
    waits(head, "many 1000+attack", 1n, 0);
    expect(states(f)[0]).toBeDefined();
    expect(actionOf(f).anomaly).toBeDefined();
  });

  test("all are told by the block that holds it", () => {
    const { f, head, waits, findings } = opened();
    waits(head, "many 1000", 1n, 0);
    f.live(blockOn(head.ref, "a", ["many 1000"]));
    expect(new Set(findings().map(({ reason }) => reason)).size).toBe(1_000);
  });
});

describe("PRE-01: transactions that wait by the hundred", () => {
  const fill = (o: ReturnType<typeof opened>, count: number, tipWei: bigint, from = 0) => {
    for (let i = from; i < from + count; i += 1) o.waits(o.head, `many${i} 8`, tipWei, i);
  };

  test("have 2,048 predictions, those that offer most for their place, and are told no more of than that", () => {
    const o = opened();
    fill(o, 256, 5n);
    expect(o.predicted()).toHaveLength(2_048);
    const notices = o.f.notices().length;
    fill(o, 20, 5n, 300);
    expect([o.predicted().length, o.f.notices().length]).toEqual([2_048, notices]);
    o.waits(o.head, "many900 8", 6n, 900);
    expect([o.predicted().length, o.expired()]).toEqual([2_048, 8]);
    const hash = hashOf({ mark: "many900 8" });
    expect(o.findings().filter(({ prediction }) => prediction?.tx === hash)).toHaveLength(8);
  });

  test("end none that a pause rests on, however much they offer", () => {
    const o = opened();
    o.waits(o.head, "attack", 1n, 0);
    const { anomaly, damage } = actionOf(o.f);
    fill(o, 256, 5n, 1);
    fill(o, 3, 9n, 400);
    const ended = o.f
      .records()
      .flatMap((r) => (r.kind === "FindingStatus" && r.transition === "expired" ? [r.finding] : []));
    expect(ended.length).toBeGreaterThan(0);
    expect(ended).not.toContain(anomaly);
    expect(ended).not.toContain(damage);
    expect(states(o.f)).not.toContain("cancelled");
  });

  test("make room for what a probe saw", () => {
    const o = opened();
    fill(o, 256, 5n);
    const { subject } = o.findings()[0]!;
    const [contract, deployer] = [`0x${"c1".repeat(20)}`, `0x${"d1".repeat(20)}`] as const;
    const creation = hashOf({ creation: 1 });
    const found = { contract, deployer, creation, subject, reason: "it can drain", callHash: hashOf({ call: 1 }) };
    o.f.feed({ kind: "probe", ...found, calls: 3 });
    expect(o.findings().at(-1)).toMatchObject({ severity: "critical", reason: "it can drain" });
    expect(o.predicted()).toHaveLength(2_048);
  });
});
