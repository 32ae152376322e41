// A stranger may send a thousand transactions in a block that each look like a theft: of tokens that he made himself.
import { expect, test } from "vitest";
import type { BlockBundle } from "../model/BlockBundle.ts";
import {
  actionOf,
  anomaly,
  armed,
  blockOn,
  damage,
  detectorOf,
  draftOf,
  feeder,
  programOf,
} from "../pipeline.testkit.ts";

const flood = (detector = "theft", each = 1) =>
  detectorOf(detector, "damage", (c) => {
    for (let i = 0; i < each; i += 1)
      for (const { tx } of c.txs)
        c.finding(draftOf({ key: [tx.hash, `${i}`], txHash: tx.hash, addresses: [`0x${tx.hash.slice(26)}`] }));
  });
const blockOf = (parent: BlockBundle | null, count: number, name = "a", more: readonly string[] = []) =>
  blockOn(parent?.ref ?? null, "a", [...Array.from({ length: count }, (_, i) => `${name}${i}`), ...more]);
const incidentsOf = (f: ReturnType<typeof feeder>, at = -1) =>
  f.commits.at(at)!.records.flatMap((r) => (r.kind === "Incident" ? [r] : []));

test("FIND-06: however many findings of a block join an incident, it is written once", () => {
  const f = feeder(programOf([flood("theft", 4)]));
  f.live(blockOf(null, 1_000));
  expect(incidentsOf(f).map((one) => one.findings.length)).toEqual([4_000]);
  // One for each finding, with its first status; the incident; a decision.
  expect(f.records()).toHaveLength(2 * 4_000 + 2);
});

test("FIND-06: an incident that grows for an hour names the first and the last of its findings", () => {
  const f = feeder(programOf([flood()]));
  let last: BlockBundle | null = null;
  for (let i = 0; i < 20; i += 1) {
    last = blockOf(last, 200, `b${i}-`);
    f.live(last);
  }
  const findings = f.records().flatMap((r) => (r.kind === "Finding" ? [r.id] : []));
  expect(findings).toHaveLength(4_000);
  const [incident] = incidentsOf(f);
  // Of those of earlier blocks 256 at each end; of this block all.
  expect(incident!.findings).toEqual([...findings.slice(0, 256), ...findings.slice(-456)]);
  expect(incident!.from).toEqual(incident!.findings);
  expect(incident!.addresses.length).toBeLessThanOrEqual(2 * 1_024 + 200);
  expect(incident!.sequence).toBe(19);
});

test("GATE-01: no number of findings takes the place of the anomaly that a later damage acts on", () => {
  const f = feeder(programOf([anomaly, flood("weak")]));
  f.feed(armed);
  let last = blockOf(null, 0, "a", ["attack"]);
  f.live(last);
  for (let i = 0; i < 10; i += 1) {
    last = blockOf(last, 200, `b${i}-`);
    f.live(last);
  }
  const odd = f.records().find((r) => r.kind === "Finding" && r.detector === "odd")!;
  expect(incidentsOf(f)[0]!.findings).toContain(odd.id);
  expect(actionOf(f).anomaly).toBe(odd.id);
});

test("FIND-03: findings by the thousand are confirmed, and taken back, as few are", () => {
  const f = feeder(programOf([flood("theft", 2), damage]));
  const first = blockOf(null, 500);
  f.live(first);
  const second = blockOf(first, 500, "b");
  f.live(second);
  f.feed({ kind: "reorg", orphaned: [second.ref], ancestor: first.ref });
  const of = (transition: string) =>
    f.records().flatMap((r) => (r.kind === "FindingStatus" && r.transition === transition ? [r.finding] : []));
  expect(of("retracted")).toHaveLength(1_000);
  let last = first;
  for (let i = 0; i < 3; i += 1) {
    last = blockOn(last.ref, "c");
    f.live(last);
  }
  expect(of("confirmed")).toHaveLength(1_000);
  expect(new Set([...of("confirmed"), ...of("retracted")]).size).toBe(2_000);
});
