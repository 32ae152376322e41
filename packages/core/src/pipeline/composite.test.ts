import { expect, test } from "vitest";
import type { BlockBundle, BlockRef } from "../model/BlockBundle.ts";
import { type CompositeRule, defaultComposite } from "../model/CompositeRule.ts";
import type { DetectorUse } from "../model/Detector.ts";
import type { Finding } from "../model/Finding.ts";
import type { Hex } from "../model/Hex.ts";
import type { Stage } from "../model/Stage.ts";
import { blockOn, detectorOf, draftOf, feeder, programOf, vault } from "../pipeline.testkit.ts";
import { openState } from "../pipeline.ts";
import { hubCounterparties } from "./actorGraph.ts";

const address = (n: number): Hex => `0x${n.toString(16).padStart(40, "0")}`;
const [mixer, funder, thief, helper, stranger] = [1, 2, 3, 4, 5].map(address) as [Hex, Hex, Hex, Hex, Hex];

interface Tx {
  readonly from: Hex;
  readonly to?: Hex;
  readonly value?: bigint;
  /** Detectors that fire on it, with their p-values. */
  readonly fires?: { readonly [detector: string]: number };
}

/** A block of `txs`; what fires on each stands in its input. */
function block(parent: BlockRef | null, txs: readonly Tx[], branch = "a", seconds = 0n): BlockBundle {
  const marks = txs.map((tx, i) => JSON.stringify([i, tx.from, tx.to, `${tx.value ?? 0n}`, tx.fires ?? {}]));
  const bundle = blockOn(parent, branch, marks);
  return {
    ...bundle,
    ref: { ...bundle.ref, timestamp: (parent?.timestamp ?? 1_000_000n) + 2n + seconds },
    txs: bundle.txs.map((tx, i) => ({
      ...tx,
      from: txs[i]!.from,
      to: txs[i]!.to ?? vault,
      value: txs[i]!.value ?? 0n,
    })),
  };
}

function firing(id: string, stage: Stage): DetectorUse {
  const use = detectorOf(id, "anomaly", (c) => {
    for (const { tx } of c.txs) {
      const fires = JSON.parse(Buffer.from(tx.input.slice(2), "hex").toString())[4] as { [id: string]: number };
      const pValue = fires[id];
      if (pValue !== undefined)
        c.finding(draftOf({ severity: "medium", txHash: tx.hash, key: [tx.hash], pValue, score: 1 - pValue }));
    }
  });
  return { ...use, meta: { ...use.meta, stage } };
}

const detectors = [
  firing("funded", "funding"),
  firing("prepared", "preparation"),
  firing("drain", "exploitation"),
  firing("loan", "exploitation"),
  firing("washed", "laundering"),
];
const open = (rule: Partial<CompositeRule> = {}) => {
  const f = feeder(programOf(detectors, { composite: { ...defaultComposite, ...rule } }));
  const composites = () =>
    f.records().filter((record): record is Finding => record.kind === "Finding" && record.detector === "composite");
  const transitions = () => {
    const ids = new Map(composites().map(({ id, severity }) => [id, severity]));
    return f
      .records()
      .flatMap((r) =>
        r.kind === "FindingStatus" && ids.has(r.finding) ? [`${ids.get(r.finding)} ${r.transition}`] : [],
      );
  };
  return { ...f, composites, transitions };
};
/** Plays one block after the other and returns the last. */
function play(
  f: ReturnType<typeof open>,
  blocks: readonly (readonly Tx[])[],
  parent: BlockRef | null = null,
): BlockRef {
  let last = parent;
  for (const txs of blocks) {
    const bundle = block(last, txs);
    f.live(bundle);
    last = bundle.ref;
  }
  return last!;
}

test("COMP-03: findings of addresses that money ties become one alert that names stage, members, ties and the next step", () => {
  const f = open();
  play(f, [
    [{ from: mixer, to: funder, value: 5n, fires: { funded: 1e-3 } }],
    [{ from: funder, to: thief, value: 4n }],
    [{ from: thief, fires: { prepared: 1e-3 } }],
    [{ from: stranger, fires: { loan: 1e-4 } }],
    [{ from: thief, fires: { drain: 1e-4 } }],
  ]);
  const newest = f.composites().at(-1)!;
  const { evidence } = newest;
  expect(evidence).toMatchObject({
    stage: "exploitation",
    rule: "brown",
    next: "laundering: what was taken leaves for a mixer, a bridge or an exchange",
    members: [
      { detector: "funded", stage: "funding", pValue: 1e-3 },
      { detector: "prepared", stage: "preparation" },
      { detector: "drain", stage: "exploitation" },
    ],
    edges: [
      { from: mixer, to: funder, kind: "funding" },
      { from: funder, to: thief, kind: "funding" },
    ],
  });
  expect(newest.severity).toBe("low");
  expect(newest.from).toHaveLength(4);
  expect(newest.from.slice(1)).toEqual(
    (evidence.members as unknown as { finding: Hex }[]).map(({ finding }) => finding),
  );
  expect(newest.reason).toMatch(
    /^3 findings of 3 stages by one cluster, exploitation reached; next to expect: laundering/,
  );
  expect(Number(evidence.fisher)).toBeLessThan(Number(evidence.brown));
  expect(Number(evidence.product)).toBeCloseTo(1e-10, 20);
  expect(newest.pValue).toBe(evidence.brown);
});

test("COMP-01: the public rule: three findings with a product of 1e-7 are critical, of 1e-4 low, and a precise one with another stage", () => {
  const scene = (ps: readonly [number, number, number]) => [
    [{ from: thief, fires: { funded: ps[0] } }],
    [{ from: thief, fires: { prepared: ps[1] } }],
    [{ from: thief, fires: { drain: ps[2] } }],
  ];
  const severities = (f: ReturnType<typeof open>) => f.composites().map(({ severity }) => severity);
  const run = (ps: readonly [number, number, number], rule: Partial<CompositeRule> = {}) => {
    const f = open({ preset: "forta", ...rule });
    play(f, scene(ps));
    return severities(f);
  };
  expect(run([1e-2, 1e-2, 1e-3])).toEqual(["critical"]);
  expect(run([1e-2, 1e-2, 2e-3])).toEqual(["low"]);
  expect(run([1e-1, 1e-1, 1e-2])).toEqual(["low"]);
  expect(run([1e-1, 1e-1, 2e-2])).toEqual([]);
  // Two findings are too few, however rare, unless one detector is right nearly always.
  const two = [[{ from: thief, fires: { funded: 1e-9 } }], [{ from: thief, fires: { drain: 1e-9 } }]];
  const few = open({ preset: "forta" });
  play(few, two);
  expect(severities(few)).toEqual([]);
  const precise = open({ preset: "forta", precise: ["drain"] });
  play(precise, two);
  expect(severities(precise)).toEqual(["critical"]);
});

test("COMP-02: one transaction that several detectors of a stage see counts once", () => {
  const f = open({ preset: "forta" });
  const both = { from: thief, fires: { drain: 1e-9, loan: 1e-9 } };
  const after = play(f, [[{ from: thief, fires: { funded: 1e-3 } }], [both]]);
  expect(f.composites()).toEqual([]);
  play(f, [[{ from: thief, fires: { loan: 1e-2 } }]], after);
  expect(f.composites().map(({ reason }) => reason.slice(0, 24))).toEqual(["3 findings of 2 stages b"]);
});

test("COMP-04: a member whose block was orphaned is gone, and the whole is judged anew in the same step", () => {
  const f = open({ preset: "forta", criticalAt: 1e-7 });
  const base = play(f, [
    [{ from: thief, fires: { funded: 1e-2 } }],
    [{ from: thief, fires: { prepared: 1e-2 } }],
    [{ from: thief, fires: { loan: 1e-1 } }],
  ]);
  expect(f.composites().map(({ severity }) => severity)).toEqual(["low"]);
  const drain = block(base, [{ from: thief, fires: { drain: 1e-4 } }]);
  f.live(drain);
  expect(f.transitions()).toEqual(["low raised", "critical repeated"]);
  f.feed({ kind: "reorg", ancestor: base, orphaned: [drain.ref] });
  expect(f.transitions().slice(2)).toEqual(["critical retracted", "low raised-again"]);
  const last = f.composites().at(-1)!;
  expect((last.evidence.members as unknown as { detector: string }[]).map(({ detector }) => detector)).toEqual([
    "funded",
    "prepared",
    "loan",
  ]);
  // It falls below the rule when another block falls away.
  f.feed({ kind: "reorg", ancestor: { ...base, ...blockRefBefore(f, base) }, orphaned: [base] });
  expect(f.transitions().slice(4)).toEqual(["low retracted"]);
});

function blockRefBefore(f: ReturnType<typeof open>, ref: BlockRef): BlockRef {
  return f.commits.flatMap(({ cursor }) => cursor ?? []).find(({ hash }) => hash === ref.parentHash)!;
}

test("COMP-04: after any reorg the composites that stand are those of a run that never saw the orphaned blocks", () => {
  const common = [
    [{ from: mixer, to: thief, value: 1n, fires: { funded: 1e-3 } }],
    [{ from: thief, fires: { prepared: 1e-3 } }],
  ];
  const reorged = open();
  const base = play(reorged, common);
  const orphan = block(base, [{ from: thief, fires: { drain: 1e-6, loan: 1e-5 } }], "b");
  reorged.live(orphan);
  reorged.feed({ kind: "reorg", ancestor: base, orphaned: [orphan.ref] });
  const straight = open();
  play(straight, common);
  for (const f of [reorged, straight]) play(f, [[{ from: thief, fires: { washed: 1e-5 } }]], base);
  const standing = (f: ReturnType<typeof open>) => {
    const cases = [...f.state.cells].filter(([key]) => key.startsWith("c/finding/")).map(([, value]) => value as never);
    return (cases as { chain: string; finding: Finding }[])
      .filter(({ chain, finding }) => chain === "pending" && finding.detector === "composite")
      .map(({ finding }) => [finding.severity, finding.evidence.brown, (finding.evidence.members as unknown[]).length]);
  };
  expect(standing(reorged)).toEqual(standing(straight));
  expect(standing(straight)).toHaveLength(1);
  const ties = (f: ReturnType<typeof open>) => [...f.state.cells].filter(([key]) => key.startsWith("g/"));
  expect(new Map(ties(reorged))).toEqual(new Map(ties(straight)));
});

test("COMP-04: when the tie between two members falls away, so does what it made of them, and each part is judged by itself", () => {
  const f = open();
  const base = play(f, [
    [{ from: thief, fires: { funded: 1e-4 } }],
    [{ from: thief, fires: { prepared: 1e-4 } }],
    [{ from: helper, fires: { drain: 1e-9 } }],
  ]);
  expect(f.transitions()).toEqual(["low raised"]);
  const tie = block(base, [
    { from: thief, to: helper, value: 1n },
    { from: stranger, fires: { washed: 0.5 } },
  ]);
  f.live(tie);
  const soon = block(tie.ref, [{ from: helper, fires: { loan: 1e-8 } }]);
  f.live(soon);
  expect(f.transitions()).toEqual(["low raised", "critical repeated"]);
  f.feed({ kind: "reorg", ancestor: tie.ref, orphaned: [soon.ref] });
  expect(f.transitions().slice(2)).toEqual(["critical retracted", "critical raised-again"]);
  f.feed({ kind: "reorg", ancestor: base, orphaned: [tie.ref] });
  expect(f.transitions().slice(4)).toEqual(["critical retracted", "low raised-again"]);
  expect(f.composites().at(-1)!.evidence.members).toMatchObject([{ detector: "funded" }, { detector: "prepared" }]);
});

test("behavior: an exchange that pays out to thousands joins nobody", () => {
  const f = open();
  const exchange = address(99);
  const crowd = Array.from({ length: hubCounterparties + 1 }, (_, i) => ({
    from: exchange,
    to: address(10_000 + i),
    value: 1n,
  }));
  const pays = [
    { from: exchange, to: thief, value: 1n },
    { from: exchange, to: helper, value: 1n },
  ];
  const after = play(f, [
    [...pays, ...crowd],
    [{ from: thief, fires: { funded: 1e-6 } }],
    [{ from: helper, fires: { drain: 1e-6 } }],
  ]);
  expect(f.composites()).toEqual([]);
  play(f, [[{ from: thief, to: helper, value: 1n }], [{ from: helper, fires: { loan: 1e-6 } }]], after);
  expect(f.composites()).toHaveLength(1);
});

test("behavior: what lies more than seven days apart, or has no p-value, is no part of a whole", () => {
  const f = open();
  const first = block(null, [{ from: thief, fires: { funded: 1e-6 } }]);
  f.live(first);
  const late = block(first.ref, [{ from: thief, fires: { drain: 1e-6 } }], "a", 7n * 86_400n + 10n);
  f.live(late);
  expect(f.composites()).toEqual([]);
  const soon = block(late.ref, [{ from: thief, fires: { washed: 1e-6 } }]);
  f.live(soon);
  expect(f.composites()).toHaveLength(1);
});

test("behavior: a composite that was stored goes on after a restart", () => {
  const program = programOf(detectors, { composite: defaultComposite });
  const f = feeder(program);
  const first = block(null, [{ from: thief, fires: { funded: 1e-5 } }]);
  f.live(first);
  const g = feeder(program, openState([...f.state.cells], f.state.undo));
  g.live(block(first.ref, [{ from: thief, fires: { drain: 1e-5 } }]));
  expect(g.records().some((record) => record.kind === "Finding" && record.detector === "composite")).toBe(true);
});
