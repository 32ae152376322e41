import type { Candidate } from "@testudo/chain/nodes/Dispute";
import { expect, test } from "vitest";
import { blockRef } from "../store/chain.testkit.ts";
import { mergeDisputed } from "./mergeDisputed.ts";

const group = (number: number, ...names: string[]) =>
  ({ ref: blockRef(number), endpoints: names.map((name) => ({ url: name, label: name })) }) as unknown as Candidate;
const namesOf = (candidates: readonly Candidate[]) =>
  candidates.map(({ ref, endpoints }) => `${endpoints.map(({ label }) => label).join("")} at ${ref.number}`);

test("STREAM-05: a node that is not as far as the others still shows its branch", () => {
  const before = [group(7, "b"), group(7, "c")];
  expect(namesOf(mergeDisputed(before, { taken: group(8, "a"), others: [group(8, "b")] }))).toEqual([
    "b at 8",
    "c at 7",
  ]);
});

test("STREAM-05: a node that falls behind those it agrees with stays with them", () => {
  const before = [group(7, "b", "c")];
  expect(namesOf(mergeDisputed(before, { taken: group(8, "a"), others: [group(8, "b")] }))).toEqual(["bc at 8"]);
});

test("STREAM-05: a node that went over to the followed chain, or to another branch, leaves its own", () => {
  const before = [group(7, "b", "c", "d")];
  const told = { taken: group(8, "a", "b"), others: [group(8, "c"), group(8, "d")] };
  expect(namesOf(mergeDisputed(before, told))).toEqual(["c at 8", "d at 8"]);
  expect(namesOf(mergeDisputed([group(7, "b")], { taken: group(8, "b"), others: [group(8, "a")] }))).toEqual([
    "a at 8",
  ]);
});
