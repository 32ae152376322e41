import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { DetectorUse } from "@testudo/core/model/Detector";
import type { Input } from "@testudo/core/model/Input";
import type { Commit } from "@testudo/core/model/Output";
import type { Program } from "@testudo/core/model/Program";
import { hashOf } from "@testudo/core/model/Record";
import { openState, step } from "@testudo/core/pipeline";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeShadowMemory, ShadowFull } from "./ShadowMemory.ts";

// Remembers what differs from block to block, and forgets again.
const counter: DetectorUse = {
  meta: {
    id: "counter",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: [] },
    finality: 1,
    runbook: "none",
    owner: "test",
  },
  settings: {},
  detect: ({ memory, block: { ref } }) => {
    memory.count("blocks");
    memory.set(`at ${ref.number % 3n}`, ref.number % 2n === 0n ? undefined : ref.hash);
  },
};
const program: Program = { chainId: 1, watched: [], detectors: [counter], playbooks: [], policy: null };

const child = (parent: BlockRef | undefined, salt: number): BlockRef => {
  const number = (parent?.number ?? 0n) + 1n;
  const parentHash = parent?.hash ?? hashOf(["genesis"]);
  return { number, parentHash, hash: hashOf([parentHash, salt]), timestamp: 1_000n + number };
};

test("STREAM-05: what is kept in memory is what the thread remembers, over blocks, reorgs and finality", () => {
  const moves = fc.array(
    fc.record({ kind: fc.constantFrom("block", "block", "block", "reorg", "final"), by: fc.nat(4) }),
    {
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(moves, (list) => {
      const state = openState();
      const first = child(undefined, 0);
      let memory: ReturnType<typeof makeShadowMemory> | undefined;
      const chain: BlockRef[] = [];
      const take = (input: Input) => {
        for (const output of step(program, state, input).outputs) if (output.kind === "commit") memory?.apply(output);
      };
      const push = (ref: BlockRef) => {
        chain.push(ref);
        const bundle = { ref, txs: [], logs: [], has: ["X", "L"] as const, sources: ["test"] };
        take({ kind: "block", phase: "live", receivedAtMs: 0, bundle });
      };
      push(first);
      memory = makeShadowMemory({ cells: [...state.cells], undo: state.undo }, first);
      let finalized = first.number;
      for (const [salt, { kind, by }] of list.entries()) {
        if (kind === "block") push(child(chain.at(-1), salt));
        const depth = Math.min(by, Number(chain.at(-1)!.number - finalized));
        if (kind === "reorg" && depth > 0)
          take({ kind: "reorg", orphaned: chain.splice(-depth).reverse(), ancestor: chain.at(-1)! });
        if (kind !== "final") continue;
        const ref = chain.at(-1 - depth)!;
        finalized = ref.number;
        take({ kind: "finalize", tag: "finalized", ref });
      }
      const kept = memory.state();
      expect(new Map(kept.cells)).toEqual(state.cells);
      expect(kept.undo).toEqual(state.undo);
      expect(memory.cursor).toEqual(chain.at(-1));
      expect(memory.refs()).toEqual(state.undo.map(({ ref }) => ref));
    }),
  );
});

test("STREAM-08: what is kept of a branch grows to a bound, and what is forgotten or taken back makes room again", () => {
  const first = child(undefined, 0);
  const memory = makeShadowMemory({ cells: [["given", "x".repeat(9_000)]], undo: [] }, first, 5_000);
  const write = (key: string, length: number | undefined, undo: Commit["undo"] = null) =>
    memory.apply({ cells: [[key, length === undefined ? undefined : "x".repeat(length)]], undo } as unknown as Commit);
  const before = [["given", "x".repeat(4_000)]] as const;
  for (let i = 0; i < 20; i += 1) {
    write("same", 3_000);
    write(`other ${i}`, 1_000);
    write(`other ${i}`, undefined);
  }
  write("same", undefined);
  for (let i = 0; i < 20; i += 1) {
    write("same", 1, { push: { ref: child(first, i), before } });
    write("same", undefined, i % 2 === 0 ? { popNewest: 1 } : { dropOldest: 1 });
  }
  write("same", 3_000);
  expect(() => write("other", 3_000)).toThrow(ShadowFull);
});
