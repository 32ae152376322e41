import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { DetectorUse } from "@testudo/core/model/Detector";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Commit } from "@testudo/core/model/Output";
import type { Program } from "@testudo/core/model/Program";
import { openState, step } from "@testudo/core/pipeline";
import { afterAll, expect, test } from "vitest";
import { applyCommits } from "./applyCommits.ts";
import { readHistory } from "./readHistory.ts";
import { storeFixture } from "./storeFolder.testkit.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);

const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const vault: Hex = `0x${"aa".repeat(20)}`;
const ref = (n: number): BlockRef => ({
  number: BigInt(n),
  hash: word(n),
  parentHash: word(n - 1),
  timestamp: 1_000_000n + BigInt(n) * 4_000n,
});
const loud: DetectorUse = {
  meta: {
    id: "loud",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: [] },
    finality: 1,
    runbook: "none",
    owner: "test",
  },
  settings: {},
  detect: (c) => c.finding({ severity: "high", reason: "loud", subject: vault, key: [], score: 1, evidence: {} }),
};
const program: Program = { chainId: 1, watched: [vault], detectors: [loud], playbooks: [], policy: null };

test("CAL-03: the blocks of a store and the hour around each true positive in them are known, and of nothing else", async () => {
  const store = await fixture.empty();
  expect(await readHistory(store)).toBeUndefined();
  const state = openState();
  const feed = async (input: Input): Promise<Commit> => {
    const commit = step(program, state, input).outputs.find((output) => output.kind === "commit")!;
    await applyCommits(store, [commit], [], []);
    return commit;
  };
  await feed({ kind: "mode", mode: "shadow", actor: "test", reason: "start" });
  const found: Hex[] = [];
  for (let n = 7; n < 11; n += 1) {
    const bundle = { ref: ref(n), txs: [], logs: [], has: ["X"] as const, sources: ["test"] };
    const { records } = await feed({ kind: "block", bundle, phase: "live", receivedAtMs: 0 });
    found.push(records.find((record) => record.kind === "Finding")!.id);
  }
  const resolve = (finding: Hex, resolution: "true-positive" | "false-positive") =>
    feed({ kind: "resolve", finding, resolution, actor: "anna", note: "seen" });
  await resolve(found[1]!, "true-positive");
  await resolve(found[2]!, "false-positive");
  const at = ref(8).timestamp;
  expect(await readHistory(store)).toEqual({
    from: 7n,
    to: 10n,
    cuts: [{ from: at - 3_600n, to: at + 3_600n, reason: "loud in block 8, a true positive" }],
  });
  await store.close();
});
