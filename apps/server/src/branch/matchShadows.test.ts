import type { Candidate } from "@testudo/chain/nodes/Dispute";
import { expect, test } from "vitest";
import { blockRef } from "../store/chain.testkit.ts";
import { type Judged, matchShadows } from "./matchShadows.ts";

const branchOf = (...urls: string[]) =>
  ({ ref: blockRef(9), endpoints: urls.map((url) => ({ url, label: url })) }) as unknown as Candidate;
const judged = (phase: Judged["phase"], ...urls: string[]): Judged => ({ urls, phase });

test("STREAM-05: a branch goes on with what judged most of its nodes, each at most once", () => {
  const [ab, c] = [branchOf("a", "b"), branchOf("c")];
  const [one, two] = [judged("judging", "a", "b", "c"), judged("resting", "c")];
  expect([...matchShadows([c, ab], [one, two])]).toEqual([
    [ab, one],
    [c, two],
  ]);
  expect([...matchShadows([c, ab], [one])]).toEqual([[ab, one]]);
});

test("STREAM-05: other nodes are judged anew, though the blocks be the same", () => {
  expect(matchShadows([branchOf("d")], [judged("judging", "a")]).size).toBe(0);
});

test("STREAM-05: what was given up of one node silences no other that shows the same", () => {
  const given = judged("over", "a");
  expect(matchShadows([branchOf("a")], [given]).size).toBe(1);
  expect(matchShadows([branchOf("a", "b")], [given]).size).toBe(0);
});

test("STREAM-05: what was given up of two nodes silences neither where it stands alone", () => {
  const given = judged("over", "a", "b");
  expect(matchShadows([branchOf("a", "b")], [given]).size).toBe(1);
  expect(matchShadows([branchOf("a")], [given]).size).toBe(0);
});
