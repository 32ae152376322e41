// The learned set of unseen-path under the pipeline: what a judgement and a reorg do to it.
import { expect, test } from "vitest";
import { detectUnseenPath } from "../detectors/detectUnseenPath.ts";
import type { BlockBundle } from "../model/BlockBundle.ts";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseTx, frame, topicOf } from "../model/detectorCase.testkit.ts";
import type { Address, Hex } from "../model/Hex.ts";
import { openState, step } from "../pipeline.ts";

const [pool, user, thief] = [1, 2, 3].map((n) => addr(0x1000 + n)) as Address[];
const use = useDetector(detectUnseenPath, { learnSeconds: 100, learnTxs: 3, relearnSeconds: 100, relearnTxs: 2 });
const [deposit, borrow, exit] = ["0x11111111", "0x22222222", "0x33333333"] as Hex[];
const calls = (from: Address, inputs: readonly Hex[]): CaseTx => ({
  from,
  to: from,
  trace: frame({ from, to: from, calls: inputs.map((input) => frame({ from, to: pool!, input })) }),
});
const honest = [
  calls(user!, [deposit!]),
  calls(user!, [borrow!]),
  calls(user!, [deposit!, borrow!]),
  calls(user!, [deposit!]),
];
const strange = calls(thief!, [exit!]);

/** A day of blocks lies between numbers that are a thousand apart. */
function bundleOf(tx: CaseTx, number: number): BlockBundle {
  const at = (n: number) => topicOf(BigInt(n));
  const parent = number > 1_000 ? 104 : number - 1;
  const full = {
    hash: at(10_000 + number),
    index: 0,
    from: tx.from!,
    to: tx.to!,
    value: 0n,
    input: "0x" as Hex,
    nonce: 0,
  };
  return {
    ref: {
      number: BigInt(number > 1_000 ? 105 : number),
      hash: at(number),
      parentHash: at(parent),
      timestamp: BigInt(number * 100),
    },
    txs: [full],
    logs: [],
    traces: [tx.trace!],
    has: ["L", "X", "T"],
    sources: ["test"],
  };
}

test("FIND-08: a judgement by itself changes nothing that is learned", () => {
  const program = { chainId: 1, watched: [pool!], detectors: [use], playbooks: [], policy: null };
  let state = openState();
  const ids: Hex[] = [];
  const play = (tx: CaseTx, number: number) => {
    const stepped = step(program, state, {
      kind: "block",
      phase: "live",
      receivedAtMs: 0,
      bundle: bundleOf(tx, number),
    });
    state = stepped.state;
    const commit = stepped.outputs.find((o) => o.kind === "commit");
    const findings = (commit?.records ?? []).filter((r) => r.kind === "Finding" && r.detector === "unseen-path");
    for (const f of findings) ids.push(f.id as Hex);
    return findings.length;
  };
  expect([...honest, strange].map((tx, i) => play(tx, 100 + i))).toEqual([0, 0, 0, 0, 1]);
  step(program, state, {
    kind: "resolve",
    finding: ids[0]!,
    resolution: "false-positive",
    actor: "ana",
    note: "new front end",
  });
  expect(play(strange, 105 + 1_000)).toBe(1);
});

test("a learned path is forgotten when its block is orphaned", () => {
  const program = { chainId: 1, watched: [pool!], detectors: [use], playbooks: [], policy: null };
  let { state } = step(program, openState(), {
    kind: "block",
    phase: "live",
    receivedAtMs: 0,
    bundle: bundleOf(honest[0]!, 100),
  });
  const before = new Map(state.cells);
  const orphan = bundleOf(calls(thief!, [exit!]), 101);
  ({ state } = step(program, state, { kind: "block", phase: "live", receivedAtMs: 0, bundle: orphan }));
  const paths = () => [...state.cells.keys()].filter((k) => k.startsWith("d/unseen-path/path:"));
  expect(paths()).toHaveLength(2);
  ({ state } = step(program, state, {
    kind: "reorg",
    ancestor: bundleOf(honest[0]!, 100).ref,
    orphaned: [orphan.ref],
  }));
  expect(paths()).toHaveLength(1);
  const ofDetector = (cells: ReadonlyMap<string, unknown>) =>
    [...cells].filter(([k]) => k.startsWith("d/unseen-path/"));
  expect(ofDetector(state.cells)).toEqual(ofDetector(before));
});
