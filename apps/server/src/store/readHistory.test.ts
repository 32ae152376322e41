import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { DetectorUse } from "@testudo/core/model/Detector";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Commit } from "@testudo/core/model/Output";
import type { Program } from "@testudo/core/model/Program";
import type { Verdict } from "@testudo/core/model/Review";
import { openState, step } from "@testudo/core/pipeline";
import { afterAll, expect, test } from "vitest";
import { applyCommits } from "./applyCommits.ts";
import { listFalseAlarms } from "./listFalseAlarms.ts";
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

test("CAL-03, FIND-08: the blocks of a store and the hour around each true positive in them are known, and what was said of others", async () => {
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
  for (let n = 7; n < 12; n += 1) {
    const bundle = { ref: ref(n), txs: [], logs: [], has: ["X"] as const, sources: ["test"] };
    const { records } = await feed({ kind: "block", bundle, phase: "live", receivedAtMs: 0 });
    found.push(records.find((record) => record.kind === "Finding")!.id);
  }
  const resolve = (finding: Hex, resolution: "true-positive" | "false-positive") =>
    feed({ kind: "resolve", finding, resolution, actor: "anna", note: "seen" });
  await resolve(found[1]!, "true-positive");
  await resolve(found[2]!, "false-positive");
  await resolve(found[3]!, "false-positive");
  const review = (finding: Hex, verdict: Verdict, actor: string) =>
    feed({ kind: "review", finding, verdict, actor, note: "reviewed" });
  await review(found[2]!, "accepted", "bruno");
  await review(found[3]!, "refused", "bruno");
  const at = ref(8).timestamp;
  const { feedback, ...history } = (await readHistory(store))!;
  expect(history).toEqual({
    from: 7n,
    to: 11n,
    cuts: [{ from: at - 3_600n, to: at + 3_600n, reason: "loud in block 8, a true positive" }],
  });
  // In the order of the chain, confirmed since: what was said of each is still there.
  expect(feedback.findings.map(({ finding, resolution, verdict }) => [finding.id, resolution, verdict])).toEqual([
    [found[0], undefined, undefined],
    [found[1], "true-positive", undefined],
    [found[2], "false-positive", "accepted"],
    [found[3], "false-positive", "refused"],
    [found[4], undefined, undefined],
  ]);
  expect(feedback.alarms).toMatchObject([
    { finding: { id: found[2] }, actor: "anna", note: "seen", review: { actor: "bruno", note: "reviewed" } },
  ]);
  expect((await listFalseAlarms(store)).map(({ state }) => state)).toEqual(["refused", "accepted"]);
  expect(
    (await listFalseAlarms(store, { states: ["accepted"], limit: 1 })).map(({ alarm }) => alarm.finding.id),
  ).toEqual([found[2]]);
  expect(await listFalseAlarms(store, { states: ["waiting"] })).toEqual([]);
  // What a reorg takes back was not heard of.
  await resolve(found[4]!, "false-positive");
  expect(await listFalseAlarms(store, { states: ["waiting"] })).toHaveLength(1);
  await feed({ kind: "reorg", ancestor: ref(10), orphaned: [ref(11)] });
  expect((await readHistory(store))!.feedback.findings).toHaveLength(4);
  expect(await listFalseAlarms(store, { states: ["waiting"] })).toEqual([]);
  await store.close();
});
