import { expect, test } from "vitest";
import type { BlockBundle, BlockRef } from "../model/BlockBundle.ts";
import type { Hex } from "../model/Hex.ts";
import type { Input } from "../model/Input.ts";
import { type PendingTx, predictionOf, priceOf } from "../model/PendingTx.ts";
import { hashOf } from "../model/Record.ts";
import {
  actionOf,
  armed,
  blockOn,
  calm,
  detectorOf,
  draftOf,
  feeder,
  guardians,
  marksOf,
  onMark,
  pass,
  programOf,
  sendsOf,
  sign,
  states,
  vault,
} from "../pipeline.testkit.ts";
import { openState } from "../pipeline.ts";

const gwei = 1_000_000_000n;
const odd = onMark("odd", "anomaly", "attack");
const harm = onMark("harm", "damage", "attack");
const both = programOf([odd, harm]);
const thief: Hex = `0x${"ee".repeat(20)}`;

const waiting = (mark: string, change: Partial<PendingTx> = {}): PendingTx => ({
  hash: hashOf({ mark }),
  from: thief,
  to: vault,
  value: 0n,
  input: "0x",
  gas: 100_000n,
  nonce: 0,
  maxFeePerGas: 50n * gwei,
  maxPriorityFeePerGas: 3n * gwei,
  source: "test",
  ...change,
});

/** The transaction that is marked `mark`, tried after `head`. */
function tried(head: BlockRef, mark: string, change: Partial<PendingTx> = {}): Extract<Input, { kind: "pending" }> {
  const bundle = blockOn(head, "pool", [mark]);
  return { kind: "pending", bundle, prediction: predictionOf(waiting(mark, change), head.number, gwei) };
}

const statuses = (f: ReturnType<typeof feeder>) =>
  f.records().flatMap((r) => (r.kind === "FindingStatus" ? [`${r.transition} ${r.chain}`] : []));

function predicted(): { f: ReturnType<typeof feeder>; head: BlockBundle } {
  const f = feeder(both);
  const head = blockOn(null);
  f.feed(armed);
  f.live(head);
  f.feed(tried(head.ref, "attack"));
  return { f, head };
}

test("PRE-01: what a pending transaction would do is predicted, proposes a pause, and names what it pays", () => {
  const { f } = predicted();
  expect(statuses(f)).toEqual(["predicted predicted", "predicted predicted"]);
  expect(states(f)).toEqual(["proposed"]);
  expect(actionOf(f)).toMatchObject({ outbids: { tipWei: 3n * gwei, maxFeeWei: 50n * gwei } });
  expect(f.notices().map((n) => n.title)).toContain("Not in a block yet: test");
});

test("PRE-01: a prediction is never confirmed, however many blocks pass, and expires after twelve", () => {
  const { f, head } = predicted();
  let last = head.ref;
  for (let i = 0; i < 11; i += 1) {
    const next = blockOn(last);
    f.live(next);
    last = next.ref;
  }
  expect(statuses(f)).toHaveLength(2);
  f.live(blockOn(last));
  expect(statuses(f).slice(2)).toEqual(["expired expired", "expired expired"]);
  expect(states(f)).toEqual(["proposed", "stale"]);
});

test("PRE-01: a prediction expires when its nonce is used by another transaction", () => {
  const { f, head } = predicted();
  f.live(blockOn(head.ref, "a", ["harmless"]));
  expect(statuses(f).slice(2)).toEqual(["expired expired", "expired expired"]);
  expect(states(f).at(-1)).toBe("stale");
});

test("PRE-01: the block that holds the transaction turns the prediction into a pending finding", () => {
  const { f, head } = predicted();
  const next = blockOn(head.ref, "a", ["attack"]);
  f.live(next);
  // Each prediction is settled by the finding of the block, which goes on.
  expect(statuses(f).slice(2)).toEqual([
    "included predicted",
    "included pending",
    "included predicted",
    "included pending",
  ]);
  let last = next.ref;
  for (let i = 0; i < 3; i += 1) {
    const block = blockOn(last);
    f.live(block);
    last = block.ref;
  }
  expect(statuses(f).slice(6)).toEqual(["confirmed confirmed", "confirmed confirmed"]);
});

test("PRE-01: the transaction comes into its block and does no harm there: the prediction expires, a sent pause stays", () => {
  const f = feeder(both);
  const head = blockOn(null);
  f.feed(armed);
  f.live(head);
  f.feed(tried(head.ref, "attack"));
  const { id } = actionOf(f);
  f.feed({ kind: "simulation", action: id, passed: true, ref: head.ref, calls: [], note: "ok" });
  for (const signer of guardians.slice(0, 2)) f.feed({ kind: "approval", action: id, signer, signature: "0x00" });
  f.feed({ kind: "effect", action: id, state: "broadcast", note: "out" });
  // The same sender, the same nonce, and nothing to say about it.
  f.live(blockOn(head.ref, "a", ["reverted"]));
  expect(statuses(f).slice(2)).toEqual(["expired expired", "expired expired"]);
  expect(states(f).at(-1)).toBe("broadcast");
});

test("GATE-01: a prediction of an anomaly alone proposes nothing", () => {
  const f = feeder(programOf([odd]));
  const head = blockOn(null);
  f.live(head);
  f.feed(tried(head.ref, "attack"));
  expect(states(f)).toEqual([]);
  expect(f.records().at(-1)).toMatchObject({ kind: "Decision", outcome: "alert-only" });
});

test("PRE-01: what was tried on another block than the last one is not judged", () => {
  const f = feeder(both);
  const head = blockOn(null);
  f.live(head);
  f.live(blockOn(head.ref));
  const before = f.commits.length;
  expect(f.feed(tried(head.ref, "attack"))).toEqual([
    { kind: "foretold", tx: hashOf({ mark: "attack" }), isStale: true, findings: [] },
  ]);
  expect(f.commits).toHaveLength(before);
});

test("PRE-01: a reorg of the block that it was tried on ends a prediction; on the new head it is made anew", () => {
  const { f, head } = predicted();
  const other = blockOn(null, "b");
  f.feed({ kind: "reorg", ancestor: { ...other.ref, number: 99n, hash: other.ref.parentHash }, orphaned: [head.ref] });
  f.live(other);
  f.feed(tried(other.ref, "attack"));
  expect(statuses(f).slice(2)).toEqual([
    "expired expired",
    "expired expired",
    "predicted predicted",
    "predicted predicted",
  ]);
});

test("PRE-01: a harmless pending transaction leaves no record, and what a detector noted about one is forgotten", () => {
  const seen: number[] = [];
  const counter = detectorOf("counter", "anomaly", ({ memory, block }) => {
    memory.count("blocks");
    if (marksOf(block).includes("look")) seen.push(Number(memory.get("blocks")));
  });
  const f = feeder(programOf([counter]));
  const head = blockOn(null);
  f.live(head);
  const before = f.commits.length;
  for (let i = 0; i < 5; i += 1) f.feed(tried(head.ref, "harmless"));
  expect(f.commits).toHaveLength(before);
  f.live(blockOn(head.ref, "a", ["look"]));
  expect(seen).toEqual([2]);
});

test("behavior: what is less than high is told to whoever asked and is no finding", () => {
  const mild = detectorOf("mild", "anomaly", (c) => c.finding(draftOf({ severity: "medium" })));
  const f = feeder(programOf([mild]));
  const head = blockOn(null);
  f.live(head);
  const before = f.commits.length;
  const [told] = f.feed(tried(head.ref, "any"));
  expect(told).toMatchObject({ isStale: false, findings: [{ detector: "mild", severity: "medium" }] });
  expect(f.commits).toHaveLength(before);
});

test("behavior: what a transaction pays is its tip, bounded by what its highest price leaves over the base fee", () => {
  const { gasPrice: _, ...dynamic } = waiting("x");
  expect(priceOf(dynamic, gwei).tipWei).toBe(3n * gwei);
  expect(priceOf(dynamic, 49n * gwei).tipWei).toBe(gwei);
  expect(priceOf(dynamic, 60n * gwei).tipWei).toBe(0n);
  const { maxFeePerGas: __, maxPriorityFeePerGas: ___, ...old } = waiting("x");
  expect(priceOf({ ...old, gasPrice: 20n * gwei }, 5n * gwei)).toEqual({ tipWei: 15n * gwei, maxFeeWei: 20n * gwei });
});

const probed: Extract<Input, { kind: "probe" }> = {
  kind: "probe",
  contract: `0x${"bd".repeat(20)}`,
  deployer: thief,
  creation: hashOf("creation"),
  subject: vault,
  reason: "a call of it takes what the vault holds",
  callHash: hashOf("call"),
  calls: 7,
};

test("PRE-06: harm that a probe saw is a critical predicted finding, holds no calldata, and alone proposes nothing", () => {
  const f = feeder(both);
  f.live(blockOn(null));
  f.feed(probed);
  expect(f.records().find((r) => r.kind === "Finding")).toMatchObject({
    detector: "probe",
    severity: "critical",
    class: "damage",
    evidence: { callHash: probed.callHash },
    prediction: { nonce: null },
  });
  expect(statuses(f)).toEqual(["predicted predicted"]);
  expect(states(f)).toEqual([]);
});

test("PRE-06: beside an anomaly about the creation a probe's harm proposes the pause, whatever else the deployer sends", () => {
  const f = feeder(programOf([onMark("suspicious", "anomaly", "creation")]));
  const head = blockOn(null, "a", ["creation"]);
  f.live(head);
  f.feed(probed);
  expect(states(f)).toEqual(["proposed"]);
  f.live(blockOn(head.ref, "a", ["another"]));
  expect(statuses(f).filter((s) => s.startsWith("expired"))).toEqual([]);
});

test("FIND-05: an action that waits for its causes to be deep is not sent for what is in no block yet", () => {
  const permissions = both.policy!.permissions.map((one) => ({ ...one, finality: 3 }));
  const program = { ...both, policy: { ...both.policy!, permissions } };
  const proposed = () => {
    const f = feeder(program);
    const head = blockOn(null);
    f.feed(armed);
    f.live(head);
    f.feed(tried(head.ref, "attack"));
    pass(f, actionOf(f).id, head);
    sign(f, actionOf(f).id, 0, 1);
    return { f, head };
  };
  const sends = (f: ReturnType<typeof feeder>) => f.outputs().filter((o) => o.kind === "send").length;
  const never = proposed();
  // It expires, and what it was to forestall with it.
  calm(never.f, never.head, 14);
  expect([sends(never.f), states(never.f).at(-1)]).toEqual([0, "stale"]);
  const came = proposed();
  const attack = blockOn(calm(came.f, came.head, 5).ref, "a", ["attack"]);
  came.f.live(attack);
  const last = calm(came.f, attack, 2);
  expect(sends(came.f)).toBe(0);
  calm(came.f, last, 1);
  expect(sends(came.f)).toBe(1);
});

/** What `predicted` gives, made in the last block of an hour: the next one lies in another. */
function predictedBeforeTheHour(program = both) {
  const f = feeder(program);
  const head = blockOn({ number: 398n, hash: hashOf("398"), parentHash: hashOf("397"), timestamp: 1_000_796n });
  expect([head.ref.timestamp / 3_600n, blockOn(head.ref).ref.timestamp / 3_600n]).toEqual([277n, 278n]);
  f.feed(armed);
  f.live(head);
  f.feed(tried(head.ref, "attack"));
  return { f, head };
}

const findingsOf = (f: ReturnType<typeof feeder>) => f.records().flatMap((r) => (r.kind === "Finding" ? [r] : []));
const findingNotices = (f: ReturnType<typeof feeder>) => f.notices().filter(({ topic }) => topic === "finding");

test("PRE-01: a prediction that comes true in the next hour is included in its thread, and its pause goes on", () => {
  const { f, head } = predictedBeforeTheHour();
  const action = actionOf(f).id;
  pass(f, action, head);
  const attack = blockOn(head.ref, "a", ["attack"]);
  f.live(attack);
  expect(findingNotices(f).map((n) => n.transition)).toEqual(["predicted", "predicted", "included", "included"]);
  const threads = findingNotices(f).map(({ thread }) => thread);
  expect(threads.slice(2)).toEqual(threads.slice(0, 2));
  expect(states(f)).toEqual(["proposed", "simulated"]);
  sign(f, action, 0, 1);
  expect(sendsOf(f)).toBe(1);
  const incidents = f.records().flatMap((r) => (r.kind === "Incident" ? [r.incident] : []));
  expect(new Set(incidents).size).toBe(1);
  // What is in the block is told no second time in its hour, and ends as any other.
  calm(f, attack, 3);
  expect(findingNotices(f)).toHaveLength(4);
  expect(statuses(f).slice(-2)).toEqual(["confirmed confirmed", "confirmed confirmed"]);
});

test("PRE-01: what a block says has the same identity, whether and in which hour it was predicted", () => {
  const { f, head } = predictedBeforeTheHour();
  const unwarned = feeder(both);
  unwarned.live(head);
  for (const one of [f, unwarned]) one.live(blockOn(head.ref, "a", ["attack"]));
  const inBlock = (one: ReturnType<typeof feeder>) =>
    findingsOf(one).filter(({ prediction }) => prediction === undefined);
  expect(inBlock(f)).toEqual(inBlock(unwarned));
});

test("PRE-01: the same prediction is told once, though the hour ends while it waits", () => {
  const { f, head } = predictedBeforeTheHour();
  const next = calm(f, head, 2);
  const before = f.commits.length;
  f.feed(tried(next.ref, "attack"));
  expect(f.commits).toHaveLength(before);
  // It is the one of the first hour that is waited for, and not for longer.
  calm(f, next, 10);
  expect(statuses(f).slice(2)).toEqual(["expired expired", "expired expired"]);
});

test("PRE-01: a prediction that becomes graver in the next hour goes on in its thread, and so does what is in the block", () => {
  const growing = detectorOf("growing", "damage", (c) => {
    const severity = c.block.ref.timestamp > 1_000_800n ? "critical" : "high";
    for (const { tx } of c.txs) c.finding(draftOf({ severity, txHash: tx.hash, key: [tx.hash] }));
  });
  const { f, head } = predictedBeforeTheHour(programOf([onMark("odd", "anomaly", "attack"), growing]));
  const action = actionOf(f).id;
  const next = calm(f, head, 1);
  f.feed(tried(next.ref, "attack"));
  f.live(blockOn(next.ref, "a", ["attack"]));
  const told = findingNotices(f).filter(({ detector }) => detector === "growing");
  expect(told.map(({ transition, severity }) => [transition, severity])).toEqual([
    ["predicted", "high"],
    ["predicted", "critical"],
    ["included", "critical"],
  ]);
  expect(new Set(told.map(({ thread }) => thread)).size).toBe(1);
  // What was proposed for the less grave one rests on what took its place.
  expect(f.records().filter((r) => r.kind === "ActionStatus" && r.action === action)).toHaveLength(1);
});

test("PRE-01: a block that held a prediction of the last hour and is orphaned takes it back; it is predicted and included again", () => {
  const { f, head } = predictedBeforeTheHour();
  const attack = blockOn(head.ref, "a", ["attack"]);
  f.live(attack);
  f.feed({ kind: "reorg", ancestor: head.ref, orphaned: [attack.ref] });
  f.feed(tried(head.ref, "attack"));
  f.live(blockOn(head.ref, "b", ["attack"]));
  const told = findingNotices(f).filter(({ detector }) => detector === "harm");
  expect(told.map(({ transition }) => transition)).toEqual([
    "predicted",
    "included",
    "retracted",
    "predicted",
    "included",
  ]);
  expect(new Set(told.map(({ thread }) => thread)).size).toBe(1);
  expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
});

test("PRE-01: a block of the next hour without the transaction ends no prediction, and its nonce does", () => {
  const { f, head } = predictedBeforeTheHour();
  const next = calm(f, head, 1);
  expect(statuses(f)).toHaveLength(2);
  f.live(blockOn(next.ref, "a", ["harmless"]));
  expect(statuses(f).slice(2)).toEqual(["expired expired", "expired expired"]);
  expect(states(f)).toEqual(["proposed", "stale"]);
});

const lastSaid = (f: ReturnType<typeof feeder>, finding: Hex) =>
  f.records().findLast((r) => r.kind === "FindingStatus" && r.finding === finding);

for (const [when, predict] of [
  ["in its hour", predicted],
  ["in the next hour", predictedBeforeTheHour],
] as const)
  test(`PRE-01: what was predicted and is in a block ${when} is settled, and goes on as one finding`, () => {
    const { f, head } = predict();
    f.live(blockOn(head.ref, "a", ["attack"]));
    const [prediction, inBlock] = findingsOf(f).filter(({ detector }) => detector === "harm");
    expect(lastSaid(f, prediction!.id)).toMatchObject({
      transition: "included",
      chain: "predicted",
      work: "resolved",
      resolution: "duplicate",
      goesOnAs: inBlock!.id,
    });
    // Who was told of the prediction speaks of what became of it, once.
    const acknowledge = { kind: "acknowledge", finding: prediction!.id, actor: "ana", note: "mine" } as const;
    f.feed(acknowledge, acknowledge);
    expect(lastSaid(f, inBlock!.id)).toMatchObject({ chain: "pending", work: "acknowledged", actor: "ana" });
    expect(statuses(f).filter((s) => s.startsWith("acknowledged"))).toHaveLength(1);
  });

test("PRE-01: what people said of a prediction goes on: who has it keeps it, and what they settled it as stands", () => {
  for (const said of ["acknowledge", "resolve"] as const) {
    const { f, head } = predictedBeforeTheHour();
    const { id } = findingsOf(f).find(({ detector }) => detector === "harm")!;
    const by = { finding: id, actor: "ana", note: "ours" };
    if (said === "acknowledge") f.feed({ kind: "acknowledge", ...by });
    else f.feed({ kind: "resolve", resolution: "false-positive", ...by });
    f.live(blockOn(head.ref, "a", ["attack"]));
    const inBlock = findingsOf(f).findLast(({ detector }) => detector === "harm")!;
    const works = [id, inBlock.id].map((one) => lastSaid(f, one));
    expect(works).toMatchObject(
      said === "acknowledge"
        ? [{ resolution: "duplicate" }, { work: "acknowledged" }]
        : [{ resolution: "false-positive" }, { work: "open" }],
    );
  }
});

for (const [when, predict] of [
  ["in its hour", predicted],
  ["in the next hour", predictedBeforeTheHour],
] as const)
  test(`DET-09: a prediction that came true ${when} while nobody watched is told to its end`, () => {
    const { f, head } = predict();
    const attack = blockOn(head.ref, "a", ["attack"]);
    f.feed({ kind: "block", bundle: attack, phase: "history", receivedAtMs: 0 });
    expect(findingNotices(f).map(({ transition, title }) => [transition, title])).toEqual([
      ["predicted", "Not in a block yet: test"],
      ["predicted", "Not in a block yet: test"],
      ["included", "From history: test"],
      ["included", "From history: test"],
    ]);
    f.feed({ kind: "reorg", ancestor: head.ref, orphaned: [attack.ref] });
    expect(
      findingNotices(f)
        .slice(4)
        .map(({ transition }) => transition),
    ).toEqual(["retracted", "retracted"]);
  });

test("DET-09: what was told live and became graver while nobody watched is told to its end", () => {
  const growing = detectorOf("growing", "damage", (c) => {
    const severity = c.block.ref.number > 100n ? "critical" : "high";
    for (const { tx } of c.txs) c.finding(draftOf({ severity, txHash: tx.hash }));
  });
  const f = feeder(programOf([growing]));
  const first = blockOn(null, "a", ["attack"]);
  f.live(first);
  const next = blockOn(first.ref, "a", ["attack"]);
  f.feed({ kind: "block", bundle: next, phase: "history", receivedAtMs: 0 });
  expect(findingNotices(f).map(({ transition, severity }) => [transition, severity])).toEqual([
    ["raised", "high"],
    ["repeated", "critical"],
  ]);
});

test("PRE-01: what a person settled a prediction as outlives its end", () => {
  const { f, head } = predicted();
  for (const { id } of findingsOf(f))
    f.feed({ kind: "resolve", finding: id, actor: "ann", note: "ours", resolution: "benign" });
  f.live(blockOn(head.ref, "a", ["harmless"]));
  const ends = f.records().flatMap((r) => (r.kind === "FindingStatus" && r.transition === "expired" ? [r] : []));
  expect(ends.map(({ work, resolution }) => [work, resolution])).toEqual([
    ["resolved", "benign"],
    ["resolved", "benign"],
  ]);
});

test("PRE-01: what a person settled of a prediction is not told again on each head, but for another transaction", () => {
  const { f, head } = predicted();
  for (const { id } of findingsOf(f))
    f.feed({ kind: "resolve", resolution: "false-positive", finding: id, actor: "ana", note: "ours" });
  const next = calm(f, head, 1);
  const before = f.commits.length;
  f.feed(tried(next.ref, "attack"));
  expect(f.commits).toHaveLength(before);
  f.feed(tried(next.ref, "attack", { hash: hashOf({ mark: "another" }) }));
  expect(statuses(f).slice(-4)).toEqual([
    "repeated predicted",
    "predicted predicted",
    "repeated predicted",
    "predicted predicted",
  ]);
});

test("PRE-01: wherever the hour ends, and after a restart, the same is told, and the same records are made twice", () => {
  const told = (first: bigint, isRestarted: boolean) => {
    const before = { number: first, hash: hashOf("a"), parentHash: hashOf("b"), timestamp: 1_000_000n + first * 2n };
    const head = blockOn(before);
    let f = feeder(both);
    f.feed(armed);
    f.live(head);
    f.feed(tried(head.ref, "attack"));
    const last = calm(f, head, 4);
    const early = f.records();
    if (isRestarted) f = feeder(both, openState([...f.state.cells], f.state.undo));
    const attack = blockOn(last.ref, "a", ["attack"]);
    f.live(attack);
    calm(f, attack, 3);
    const all = isRestarted ? [...early, ...f.records()] : f.records();
    const says = all.map((r) =>
      r.kind === "FindingStatus" || r.kind === "ActionStatus" ? r.kind + stateOf(r) : r.kind,
    );
    return { says, ids: all.map(({ id }) => id) };
  };
  const stateOf = (r: { transition?: string; state?: string }) => ` ${r.transition ?? r.state}`;
  const usual = told(100n, false).says;
  expect(usual.filter((one) => one.includes("expired") || one.includes("stale"))).toEqual([]);
  for (let first = 393n; first <= 401n; first += 1n) {
    expect(told(first, false).says).toEqual(usual);
    expect(told(first, true).ids).toEqual(told(first, false).ids);
  }
});
