import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BlockBundle } from "./model/BlockBundle.ts";
import { canonicalJson } from "./model/canonicalJson.ts";
import { verifyEvidence } from "./model/Evidence.ts";
import type { Input } from "./model/Input.ts";
import { fromPlainJson, toPlainJson } from "./model/plainJson.ts";
import { isIntact } from "./model/Record.ts";
import {
  anomaly,
  blockOn,
  both,
  damage,
  detectorOf,
  draftOf,
  feeder,
  marksOf,
  programOf,
  states,
  vault,
} from "./pipeline.testkit.ts";
import { openState, readStanding, StreamBroken, step } from "./pipeline.ts";

const transitions = (f: ReturnType<typeof feeder>) =>
  f.records().flatMap((r) => (r.kind === "FindingStatus" ? [r.transition] : []));

describe("finding", () => {
  test("FIND-01: a second occurrence counts and tells nobody", () => {
    const f = feeder(programOf([detectorOf("odd", "anomaly", (c) => c.finding(draftOf({ severity: "high" })))]));
    const first = blockOn(null);
    f.live(first);
    f.live(blockOn(first.ref));
    expect(f.notices().map((n) => n.transition)).toEqual(["raised"]);
  });

  test("behavior: retracts an alert whose block was reorged and raises it again on the new branch", () => {
    const f = feeder(programOf([anomaly]));
    const first = blockOn(null);
    const attack = blockOn(first.ref, "a", ["attack"]);
    f.live(first);
    f.live(attack);
    f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [attack.ref] });
    const b1 = blockOn(first.ref, "b");
    const b2 = blockOn(b1.ref, "b");
    const b3 = blockOn(b2.ref, "b");
    for (const block of [b1, b2, b3, blockOn(b3.ref, "b", ["attack"])]) f.live(block);
    expect(transitions(f)).toEqual(["raised", "retracted", "raised-again"]);
    expect(new Set(f.notices().map((n) => n.thread)).size).toBe(1);
    expect(new Set(f.notices().map((n) => n.id)).size).toBe(3);
  });

  test("FIND-03: a transaction that moves to the next block is relocated", () => {
    const f = feeder(programOf([anomaly]));
    const first = blockOn(null);
    const attack = blockOn(first.ref, "a", ["attack"]);
    f.live(first);
    f.live(attack);
    f.feed({ kind: "reorg", ancestor: first.ref, orphaned: [attack.ref] });
    f.live(blockOn(first.ref, "b", ["attack"]));
    expect(transitions(f)).toEqual(["raised", "retracted", "relocated"]);
  });

  test("DET-09: findings of history are stored and never delivered", () => {
    const f = feeder(both);
    f.feed({ kind: "block", bundle: blockOn(null, "a", ["attack"]), phase: "history", receivedAtMs: 0 });
    expect([f.records().filter((r) => r.kind === "Finding").length, f.notices(), states(f)]).toEqual([2, [], []]);
  });

  test("DET-09: what history kept silent is told when it happens again before our eyes", () => {
    const f = feeder(programOf([detectorOf("odd", "anomaly", (c) => c.finding(draftOf({ severity: "high" })))]));
    const first = blockOn(null);
    f.feed({ kind: "block", bundle: first, phase: "history", receivedAtMs: 0 });
    const second = blockOn(first.ref);
    f.live(second);
    f.live(blockOn(second.ref));
    expect(f.notices().map((n) => [n.transition, n.blockNumber])).toEqual([["raised", second.ref.number]]);
  });

  test("DET-09: history is told by order alone, and that changes neither what is judged nor what is decided", () => {
    // What a detector is given stands in its evidence: it cannot tell one run from the other (DET-07).
    const looking = detectorOf("looking", "anomaly", (c) => {
      const given = Object.entries(c).map(([name, value]) => [name, typeof value].join(" "));
      c.finding(draftOf({ key: [c.block.ref.hash], evidence: { given } }));
    });
    const first = blockOn(null, "a", ["attack"]);
    const orphan = blockOn(first.ref, "a", ["attack"]);
    const again = blockOn(first.ref, "b", ["calm"]);
    const live = blockOn(again.ref, "b", ["attack"]);
    const inputs: Input[] = [
      { kind: "mode", mode: "armed", actor: "ops", reason: "test" },
      { kind: "block", bundle: first, phase: "history", receivedAtMs: 0 },
      { kind: "block", bundle: orphan, phase: "history", receivedAtMs: 0 },
      { kind: "reorg", ancestor: first.ref, orphaned: [orphan.ref] },
      { kind: "block", bundle: again, phase: "history", receivedAtMs: 0 },
      { kind: "block", bundle: live, phase: "live", receivedAtMs: 0 },
    ];
    const run = (deliverHistory: boolean) => {
      const f = feeder(programOf([anomaly, damage, looking], { deliverHistory }));
      const commands = f.feed(...inputs).filter(({ kind }) => kind !== "commit");
      const done = f.commits.map(({ evidence, records, undo, cursor }) => ({ evidence, records, undo, cursor }));
      return { notices: f.notices(), judged: canonicalJson({ done, commands }), acted: commands.length };
    };
    const [silent, told] = [run(false), run(true)];
    expect(told.judged).toBe(silent.judged);
    expect(told.acted).toBeGreaterThan(0);
    const late = told.notices.filter(({ phase }) => phase === "history");
    expect(told.notices.filter(({ phase }) => phase === undefined)).toEqual(silent.notices);
    expect(late.map((n) => `${n.detector} ${n.transition} in ${n.blockNumber}: ${n.title}`)).toMatchInlineSnapshot(`
      [
        "odd raised in 100: From history: test",
        "harm raised in 100: From history: test",
        "looking raised in 100: From history: test",
        "looking raised in 101: From history: test",
        "looking retracted in 101: From history: test",
        "looking raised in 101: From history: test",
      ]
    `);
  });

  test("DET-09: what was told of history is taken back aloud whoever watches then, and what was not is not", () => {
    const first = blockOn(null);
    const orphan = blockOn(first.ref, "a", ["attack"]);
    const toldOf = (before: boolean, after: boolean) => {
      const f = feeder(programOf([anomaly], { deliverHistory: before }));
      for (const bundle of [first, orphan]) f.feed({ kind: "block", bundle, phase: "history", receivedAtMs: 0 });
      const restarted = feeder(programOf([anomaly], { deliverHistory: after }), f.state);
      restarted.feed({ kind: "reorg", ancestor: first.ref, orphaned: [orphan.ref] });
      restarted.feed({ kind: "block", bundle: blockOn(first.ref, "b", ["attack"]), phase: "history", receivedAtMs: 0 });
      return [...f.notices(), ...restarted.notices()].map(({ transition }) => transition);
    };
    // Whoever was told that it is gone has to hear that it came back.
    expect(toldOf(true, false)).toEqual(["raised", "retracted", "relocated"]);
    expect(toldOf(false, true)).toEqual(["relocated"]);
    expect(toldOf(false, false)).toEqual([]);
  });

  test("DET-05: a detector that throws is isolated, named, and the others go on", () => {
    const broken = detectorOf("broken", "anomaly", (c) => {
      c.memory.count("half");
      throw new Error("boom");
    });
    const f = feeder(programOf([broken, anomaly]));
    f.live(blockOn(null, "a", ["attack"]));
    const found = f.records().flatMap((r) => (r.kind === "Finding" ? [`${r.detector}: ${r.reason}`] : []));
    expect(found).toEqual(["self-health: Detector broken threw: Error: boom", "odd: test"]);
    expect(f.state.cells.has("d/broken/half")).toBe(false);
  });

  test("DET-05: a detector that was killed is left out of the block that is judged again", () => {
    const f = feeder(both);
    const block = blockOn(null, "a", ["attack"]);
    const lost = { kind: "detectorLost", detector: "odd", blockHash: block.ref.hash } as const;
    f.feed({ ...lost, what: "timed-out", message: "overran its 250 ms" });
    f.live(block);
    const found = f.records().flatMap((r) => (r.kind === "Finding" ? [`${r.detector}: ${r.reason}`] : []));
    expect(found).toEqual(["self-health: Detector odd timed out: overran its 250 ms", "harm: test"]);
  });

  test("STREAM-08: a detector without its scope says so instead of nothing", () => {
    const needsTrace = { ...anomaly, meta: { ...anomaly.meta, needs: { all: ["T"] as const } } };
    const f = feeder(programOf([needsTrace]));
    f.live(blockOn(null));
    expect(f.notices().map((n) => n.title)).toEqual([
      "Detector odd cannot judge here: Scope T is missing from the block.",
    ]);
  });
});

describe("reads", () => {
  const reader = detectorOf("reader", "anomaly", (c) => {
    const [a] = c.readAll([{ kind: "balance", at: "parent", address: vault }]);
    if (a?.ok && BigInt(a.value) === 7n) c.finding(draftOf());
  });

  test("behavior: a missing answer is asked for and the run starts again with it", () => {
    const f = feeder(programOf([reader]));
    const block = blockOn(null);
    expect(f.live(block)).toEqual([
      { kind: "ask", ref: block.ref, reads: [{ kind: "balance", at: "parent", address: vault }] },
    ]);
    f.feed({
      kind: "reads",
      blockHash: block.ref.hash,
      answers: [[`balance:parent:${vault}`, { ok: true, value: "0x07" }]],
    });
    expect(f.records().filter((r) => r.kind === "Finding")).toHaveLength(1);
  });

  test("error: an answer for another block is refused", () => {
    const f = feeder(programOf([reader]));
    f.live(blockOn(null));
    expect(() => f.feed({ kind: "reads", blockHash: "0x00", answers: [] })).toThrow(StreamBroken);
  });

  test("DET-05: a detector that asks without end is isolated", () => {
    let n = 0;
    const endless = detectorOf(
      "endless",
      "anomaly",
      (c) => void c.read({ kind: "balance", at: "parent", address: `0x${(n++).toString(16).padStart(40, "0")}` }),
    );
    const f = feeder(programOf([endless]));
    const block = blockOn(null);
    for (let outputs = f.live(block); outputs[0]?.kind === "ask"; )
      outputs = f.feed({
        kind: "reads",
        blockHash: block.ref.hash,
        answers: outputs[0].reads.map((r) => [
          `balance:parent:${r.kind === "balance" ? r.address : ""}`,
          { ok: true, value: "0x00" },
        ]),
      });
    expect(f.notices().map((x) => x.title)).toEqual([
      "Detector endless asks for state without end: Asked for state 12 times.",
    ]);
  });
});

describe("stream", () => {
  test("STREAM-02: a block that does not follow is refused and nothing changes", () => {
    const f = feeder(both);
    f.live(blockOn(null));
    const before = toPlainJson([...f.state.cells]);
    expect(() => f.live(blockOn(null, "b"))).toThrow(StreamBroken);
    expect(toPlainJson([...f.state.cells])).toBe(before);
  });

  test("STREAM-01: after any reorgs detector memory equals a fresh scan of the canonical chain", () => {
    const counting = detectorOf("counting", "anomaly", (c) => {
      c.memory.count("blocks");
      for (const mark of marksOf(c.block)) {
        c.memory.window("sum", 6, BigInt(mark.length), 3);
        c.memory.ewma("mean", mark.length, 0.9);
        c.memory.set(`seen/${mark}`, c.block.ref.number);
        if (mark.length === 3) c.memory.set("seen/a", undefined);
      }
    });
    const program = programOf([counting], { policy: null });
    const marks = fc.array(fc.constantFrom("a", "bb", "ccc", "dddd"), { maxLength: 3 });
    const move = fc.oneof(
      { weight: 3, arbitrary: marks.map((m) => ({ mine: m })) },
      { weight: 1, arbitrary: fc.nat(4).map((back) => ({ back })) },
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
        const f = feeder(program);
        const chain: BlockBundle[] = [];
        moves.forEach((m, i) => {
          if ("mine" in m) {
            chain.push(blockOn(chain.at(-1)?.ref ?? null, `b${i}`, m.mine));
            f.live(chain.at(-1)!);
          } else if (m.back > 0 && chain.length > m.back) {
            const orphaned = chain.splice(-m.back).reverse();
            f.feed({ kind: "reorg", ancestor: chain.at(-1)!.ref, orphaned: orphaned.map((b) => b.ref) });
          }
        });
        const fresh = feeder(program);
        for (const block of chain) fresh.live(block);
        const memory = (x: typeof f) => toPlainJson([...x.state.cells].filter(([key]) => key.startsWith("d/")).sort());
        expect(memory(f)).toBe(memory(fresh));
      }),
      { numRuns: 300 },
    );
  });

  test("STREAM-12: a state rebuilt from what was committed goes on exactly like the one in memory", () => {
    const f = feeder(both);
    const blocks = [blockOn(null)];
    for (let i = 0; i < 6; i += 1) blocks.push(blockOn(blocks.at(-1)!.ref, "a", i === 3 ? ["attack"] : []));
    for (const block of blocks.slice(0, 5)) f.live(block);
    f.feed({ kind: "reorg", ancestor: blocks[2]!.ref, orphaned: [blocks[4]!.ref, blocks[3]!.ref] });
    const cells = new Map<string, unknown>();
    const undo: unknown[] = [];
    for (const commit of f.commits) {
      for (const [key, value] of commit.cells)
        value === undefined ? cells.delete(key) : cells.set(key, fromPlainJson(toPlainJson(value)));
      if (commit.undo && "push" in commit.undo) undo.push(commit.undo.push);
      if (commit.undo && "popNewest" in commit.undo) undo.splice(-commit.undo.popNewest);
    }
    const copy = openState(cells as never, undo as never);
    expect(toPlainJson([...copy.cells].sort())).toBe(toPlainJson([...f.state.cells].sort()));
    const next = {
      kind: "block",
      bundle: blockOn(blocks[2]!.ref, "z", ["attack"]),
      phase: "live",
      receivedAtMs: 0,
    } as const;
    expect(toPlainJson(step(both, copy, next).outputs)).toBe(toPlainJson(step(both, f.state, next).outputs));
  });

  test("DET-02: the same inputs give the same records and evidence, byte for byte", () => {
    const run = () => {
      const f = feeder(both);
      const first = blockOn(null, "a", ["attack"]);
      f.live(first);
      f.live(blockOn(first.ref, "a", ["attack"]));
      return toPlainJson(f.commits);
    };
    expect(run()).toBe(run());
  });

  test("RESP-13: every step leaves a link of evidence, no action included, and the chain holds", () => {
    const f = feeder(both);
    const first = blockOn(null);
    f.live(first);
    f.live(blockOn(first.ref, "a", ["attack"]));
    expect(f.commits.map((c) => c.evidence.outcome)).toEqual(["no-action", "recorded"]);
    expect(verifyEvidence(f.commits.map((c) => c.evidence))).toBeUndefined();
    expect(f.records().every(isIntact)).toBe(true);
    const altered = f.commits.map((c, i) => (i === 0 ? { ...c.evidence, input: "reorg" } : c.evidence));
    expect(verifyEvidence(altered)).toMatchObject({ fault: "altered", sequence: 0 });
    expect(verifyEvidence(f.commits.slice(1).map((c) => c.evidence))).toMatchObject({ fault: "gap" });
  });

  test("CAL-03, FIND-08: what a person said of a finding outlives its confirmation, and not a new finding", () => {
    const f = feeder(both);
    const first = blockOn(null, "a", ["attack"]);
    f.live(first);
    const settled = f.records().find((record) => record.kind === "Finding")!;
    f.feed({ kind: "resolve", finding: settled.id, resolution: "true-positive", actor: "ana", note: "the drain" });
    let head = first;
    for (let i = 0; i < 3; i += 1) {
      head = blockOn(head.ref);
      f.live(head);
    }
    const lastOf = (id: string) => f.records().findLast((r) => r.kind === "FindingStatus" && r.finding === id);
    expect(lastOf(settled.id)).toMatchObject({
      transition: "confirmed",
      work: "resolved",
      resolution: "true-positive",
    });
    f.live(blockOn(head.ref, "a", ["attack"]));
    const again = f.records().findLast((r) => r.kind === "Finding" && r.detector === settled.detector)!;
    expect(again.id).not.toBe(settled.id);
    expect(lastOf(again.id)).not.toHaveProperty("resolution");
  });

  test("behavior: finality confirms findings and forgets undo entries", () => {
    const f = feeder(both);
    const first = blockOn(null, "a", ["attack"]);
    f.live(first);
    let head = first;
    for (let i = 0; i < 3; i += 1) {
      head = blockOn(head.ref);
      f.live(head);
    }
    expect(transitions(f)).toEqual(["raised", "raised", "confirmed", "confirmed"]);
    f.feed({ kind: "finalize", tag: "finalized", ref: first.ref });
    expect(f.state.undo).toHaveLength(3);
    expect(readStanding(f.state).pending).toEqual([]);
  });
});
