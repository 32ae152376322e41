import { expect, test } from "vitest";
import { makeTroubleBook } from "../nodes/TroubleBook.ts";
import { makeProofBook } from "./ProofBook.ts";

function open(unproved?: readonly string[]) {
  const told: string[] = [];
  const troubles = makeTroubleBook(
    ({ trouble, endpoint }) => void told.push(`${trouble} of ${endpoint}`),
    () => false,
  );
  return { told, book: makeProofBook("logs", { troubles, ...(unproved ? { unproved } : {}) }) };
}

test("STREAM-17: what an earlier run told to be proved no more is told again while nobody proves it", () => {
  const { told, book } = open(["logs"]);
  for (const number of [1n, 2n]) book.failed(number, "nobody shows them");
  expect(told).toEqual([]);
  book.failed(3n, "nobody shows them");
  expect(told).toEqual(["scope-degraded of logs"]);
  book.proved(68n);
  expect(told).toEqual(["scope-degraded of logs", "recovered of logs"]);
});

test("STREAM-17: of a chain of which nobody ever proved it nothing is told", () => {
  for (const unproved of [undefined, ["transactions"]]) {
    const { told, book } = open(unproved);
    for (const number of [1n, 2n, 3n]) book.failed(number, "nobody shows them");
    expect(told).toEqual([]);
  }
});
