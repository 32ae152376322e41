// A stranger decides how many findings there are. What is at hand of them has a bound, and nobody's word is lost by it.
import { describe, expect, test } from "vitest";
import type { BlockBundle } from "../model/BlockBundle.ts";
import type { Finding } from "../model/Finding.ts";
import type { FindingStatus } from "../model/FindingStatus.ts";
import type { Hex } from "../model/Hex.ts";
import type { Input } from "../model/Input.ts";
import { applyDraft, openDraft } from "../model/Memory.ts";
import { blockOn, detectorOf, draftOf, programOf } from "../pipeline.testkit.ts";
import { openState, step } from "../pipeline.ts";
import { readCase, writeCase } from "./Case.ts";
import { shelveCases } from "./shelve.ts";

const day = 86_400n;
const theft = detectorOf("theft", "damage", (c) => {
  for (const { tx } of c.txs) c.finding(draftOf({ key: [tx.hash], txHash: tx.hash, severity: "low" }));
});
const program = programOf([theft]);

/** A watch of blocks that lie `seconds` apart. */
function watching(seconds: bigint, state = openState(), own = program) {
  let last: BlockBundle | null = null;
  const records: (Finding | FindingStatus)[] = [];
  const feed = (input: Input) => {
    for (const output of step(own, state, input).outputs)
      if (output.kind === "commit")
        for (const record of output.records)
          if (record.kind === "Finding" || record.kind === "FindingStatus") records.push(record);
  };
  const live = (marks: readonly string[] = []) => {
    const made = blockOn(last?.ref ?? null, "a", marks);
    last = { ...made, ref: { ...made.ref, timestamp: (last?.ref.timestamp ?? 1_000_000n) + seconds } };
    feed({ kind: "block", bundle: last, phase: "live", receivedAtMs: 0 });
  };
  const flood = (from: number, blocks: number, each: number) => {
    for (let i = from; i < from + blocks; i += 1) live(Array.from({ length: each }, (_, j) => `m${i}-${j}`));
  };
  const findings = () => records.filter((r): r is Finding => r.kind === "Finding");
  const statusOf = (id: Hex) => records.findLast((r): r is FindingStatus => "finding" in r && r.finding === id);
  const isAtHand = (id: Hex) => readCase(openDraft(state.cells), "findingId", id) !== undefined;
  return { state, feed, live, flood, findings, statusOf, isAtHand };
}

describe("FIND-09: findings by the ten thousand", () => {
  test("leave a bounded number of cases at hand, and those that came last", () => {
    const w = watching(3_600n);
    w.flood(0, 36, 300);
    const most = w.state.cells.size;
    w.flood(36, 6, 300);
    expect(w.state.cells.size).toBeLessThanOrEqual(most + 100);
    expect(w.state.cells.size).toBeLessThan(2 * 10_000 + 2_000);
    const all = w.findings();
    expect(all).toHaveLength(12_600);
    expect(all.slice(-10_000).every(({ id }) => w.isAtHand(id))).toBe(true);
    expect(w.isAtHand(all[0]!.id)).toBe(false);
  });

  test("put away none of two hours, which a block may say again", () => {
    const w = watching(2n);
    w.flood(0, 35, 300);
    expect(w.findings().every(({ id }) => w.isAtHand(id))).toBe(true);
  });

  test("put away none that a person took upon himself", () => {
    const w = watching(3_600n);
    w.live(["mine"]);
    const [mine] = w.findings();
    w.feed({ kind: "acknowledge", finding: mine!.id, actor: "ana", note: "I look" });
    w.flood(0, 36, 300);
    expect(w.isAtHand(mine!.id)).toBe(true);
  });

  test("are looked through a part at a time", () => {
    const w = watching(2n);
    w.flood(0, 20, 400);
    const count = () => readCase(openDraft(w.state.cells), "shelf", "")!.count;
    const before = count();
    const draft = openDraft(w.state.cells);
    shelveCases({ ...ledgerOver(draft) }, 1_000_000n + 10n * day, 10);
    expect(readCase(draft, "shelf", "")!.count).toBeLessThan(before);
    expect(before - readCase(draft, "shelf", "")!.count).toBeLessThanOrEqual(2_000 + 256);
  });
});

function ledgerOver(cases: ReturnType<typeof openDraft>) {
  return { program, cases, records: [], notices: [], commands: [], opened: new Set<Hex>() };
}

function shelveAt({ cells }: ReturnType<typeof openState>, now: bigint) {
  const draft = openDraft(cells);
  shelveCases(ledgerOver(draft), now);
  applyDraft(cells, draft, { number: 0n, hash: "0x", parentHash: "0x", timestamp: now });
}

test("FIND-09: a case is put away after a month, and a person may speak of it all the same", () => {
  const w = watching(day);
  w.live(["old"]);
  const [old] = w.findings();
  for (let i = 0; i < 28; i += 1) w.live();
  expect(w.isAtHand(old!.id)).toBe(true);
  for (let i = 0; i < 4; i += 1) w.live();
  expect(w.isAtHand(old!.id)).toBe(false);
  const said = { kind: "resolve", finding: old!.id, resolution: "benign", actor: "ana", note: "the keeper" } as const;
  // Nobody's word about a finding that nobody shows.
  w.feed(said);
  expect(w.statusOf(old!.id)).toMatchObject({ work: "open" });
  const { chain, work, sequence } = w.statusOf(old!.id)!;
  w.feed({ ...said, shelved: { finding: old!, chain, work, sequence } });
  expect(w.statusOf(old!.id)).toMatchObject({
    work: "resolved",
    resolution: "benign",
    actor: "ana",
    chain: "confirmed",
    sequence: sequence + 1,
  });
  expect(w.isAtHand(old!.id)).toBe(true);
});

describe("FIND-09: a graver finding of the same key", () => {
  const growing = detectorOf("theft", "damage", (c) => {
    for (const { tx } of c.txs)
      c.finding(draftOf({ key: ["one"], txHash: tx.hash, severity: c.txs.length > 1 ? "low" : "info" }));
  });
  /** A weak one and a graver one of its hour, at a time when the first alone is older than a month. */
  const aMonthLater = () => {
    const w = watching(900n, openState(), programOf([growing]));
    w.live(["a"]);
    w.live(["b", "c"]);
    for (let i = 0; i < 4; i += 1) w.live();
    const [weak, grave] = w.findings();
    shelveAt(w.state, weak!.timestamp + 30n * day + 1n);
    return { ...w, weak: weak!, grave: grave! };
  };
  const said = { kind: "resolve", resolution: "benign", actor: "ana", note: "the keeper" } as const;

  test("keeps at hand what it took the place of: who speaks of that speaks of it", () => {
    const w = aMonthLater();
    const { chain, work, sequence } = w.statusOf(w.weak.id)!;
    w.feed({ ...said, finding: w.weak.id, shelved: { finding: w.weak, chain, work, sequence } });
    expect(w.statusOf(w.grave.id)).toMatchObject({ work: "resolved", actor: "ana" });
    expect(readCase(openDraft(w.state.cells), "finding", w.grave.dedupKey)?.finding.id).toBe(w.grave.id);
  });

  test("is put away, and then what it took the place of", () => {
    const w = aMonthLater();
    for (const months of [2n, 4n]) shelveAt(w.state, w.weak.timestamp + months * 30n * day);
    expect([...w.state.cells.keys()].filter((key) => key.startsWith("c/finding"))).toEqual([]);
  });

  test("that is at hand again is not pushed out by the weaker one", () => {
    const w = aMonthLater();
    const shelvedOf = (finding: Finding) => {
      const { chain, work, sequence } = w.statusOf(finding.id)!;
      return { finding, chain, work, sequence };
    };
    for (const cell of [...w.state.cells.keys()]) if (cell.startsWith("c/finding")) w.state.cells.delete(cell);
    w.feed({ kind: "acknowledge", finding: w.grave.id, actor: "ana", note: "I look", shelved: shelvedOf(w.grave) });
    w.feed({ kind: "acknowledge", finding: w.weak.id, actor: "ben", note: "I too", shelved: shelvedOf(w.weak) });
    w.feed({ ...said, finding: w.grave.id });
    expect(w.statusOf(w.grave.id)).toMatchObject({ work: "resolved", actor: "ana" });
    expect(readCase(openDraft(w.state.cells), "finding", w.grave.dedupKey)?.finding.id).toBe(w.grave.id);
  });
});

test("FIND-09: what an earlier version left at hand is put away as well", () => {
  const before = watching(2n);
  before.flood(0, 10, 50);
  const draft = openDraft(before.state.cells);
  writeCase(draft, "shelf", "", undefined);
  const cells = [...before.state.cells].filter(([key]) => !key.startsWith("c/atHand/") && !key.startsWith("c/shelf/"));
  expect(cells.length).toBeGreaterThan(1_000);
  const { head } = readCase(openDraft(new Map(cells)), "standing", "")!;
  const state = openState(cells);
  let last = head!;
  for (let i = 0; i < 40; i += 1) {
    const made = blockOn(last);
    last = { ...made.ref, timestamp: last.timestamp + day };
    step(program, state, { kind: "block", bundle: { ...made, ref: last }, phase: "live", receivedAtMs: 0 });
  }
  expect([...state.cells.keys()].filter((key) => key.startsWith("c/finding"))).toEqual([]);
});

test("FIND-09: so is what it had predicted, where the block told it in the next hour", () => {
  const loss = detectorOf("loss", "damage", (c) => {
    for (const { tx } of c.txs) c.finding(draftOf({ key: ["one"], txHash: tx.hash, severity: "high" }));
  });
  const own = programOf([loss]);
  const state = openState();
  let head: BlockBundle = blockOn(null);
  const live = (bundle: BlockBundle, over = state) =>
    step(own, over, { kind: "block", bundle, phase: "live", receivedAtMs: 0 });
  const later = (seconds: bigint, marks: readonly string[] = []): BlockBundle => {
    const made = blockOn(head.ref, "a", marks);
    return { ...made, ref: { ...made.ref, timestamp: head.ref.timestamp + seconds } };
  };
  live(head);
  const taken = later(3_600n, ["theft"]);
  const [tx] = taken.txs;
  const waits = { tx: tx!.hash, sender: tx!.from, nonce: 0, tipWei: 1n, maxFeeWei: 1n, untilBlock: 200n };
  const ref = { ...taken.ref, timestamp: head.ref.timestamp };
  step(own, state, { kind: "pending", bundle: { ...taken, ref }, prediction: waits });
  live(taken);
  head = taken;
  const kept = (cells: Iterable<string>) => [...cells].filter((key) => key.startsWith("c/finding/"));
  expect(kept(state.cells.keys())).toHaveLength(2);
  const isNew = ([key]: readonly [string, unknown]) => key.startsWith("c/atHand/") || key.startsWith("c/shelf/");
  const adopted = openState([...state.cells].filter((cell) => !isNew(cell)));
  for (let i = 0; i < 70; i += 1) {
    head = later(day);
    live(head, adopted);
  }
  expect(kept(adopted.cells.keys())).toEqual([]);
});

test("FIND-09: a quiet incident is kept in the records alone", () => {
  const grave = detectorOf("theft", "damage", (c) => {
    for (const { tx } of c.txs) c.finding(draftOf({ key: [tx.hash] }));
  });
  const state = openState();
  let last: BlockBundle | null = null as BlockBundle | null;
  for (let i = 0; i < 40; i += 1) {
    const made: BlockBundle = blockOn(last?.ref ?? null, "a", i % 2 === 0 ? [`m${i}`] : []);
    last = { ...made, ref: { ...made.ref, timestamp: (last?.ref.timestamp ?? 0n) + day } };
    step(programOf([grave]), state, { kind: "block", bundle: last, phase: "live", receivedAtMs: 0 });
  }
  const kept = (kind: string) => [...state.cells.keys()].filter((key) => key.startsWith(`c/${kind}/`)).length;
  expect([kept("incident"), kept("decided"), kept("limited")].every((count) => count <= 2)).toBe(true);
});
