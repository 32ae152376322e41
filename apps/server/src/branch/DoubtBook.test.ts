import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { expect, test } from "vitest";
import { makeDoubtBook } from "./DoubtBook.ts";

function begin() {
  const told: StreamTrouble[] = [];
  const book = makeDoubtBook(["one", "two"], (trouble) => void told.push(trouble));
  const lines = () => told.splice(0).map(({ trouble, endpoint, freeze }) => `${trouble} of ${endpoint} ${freeze}`);
  return { book, told, lines };
}

const down = (endpoint: string): StreamTrouble => ({
  kind: "trouble",
  trouble: "endpoint-down",
  endpoint,
  message: "away",
});
const up = (endpoint: string): StreamTrouble => ({ ...down(endpoint), trouble: "recovered", over: "endpoint-down" });

test("STREAM-08: nodes of a branch that are away are told once, until the last is back, and freeze nothing by themselves", () => {
  const { book, told, lines } = begin();
  book.note({ ...down("one"), freeze: true });
  expect(told.map(({ message }) => message)).toEqual([
    "The branch that one and two show and the watch does not follow is not judged as it should be: away",
  ]);
  expect(lines()).toEqual(["branch-unjudged of branch of one and two (endpoint-down) undefined"]);
  book.note(down("two"));
  book.note({ ...up("one"), freeze: false });
  expect(lines()).toEqual([]);
  book.note(up("two"));
  expect(lines()).toEqual(["recovered of branch of one and two (endpoint-down) undefined"]);
});

test("STREAM-08: what is over without a word of what it was ends all of that source", () => {
  const { book, lines } = begin();
  book.note({ kind: "trouble", trouble: "state-unread", endpoint: "state", message: "gone" });
  book.note(down("one"));
  lines();
  book.note({ kind: "trouble", trouble: "recovered", endpoint: "state", message: "back" });
  expect(lines()).toEqual(["recovered of branch of one and two (state-unread) undefined"]);
});

test("STREAM-08: that no block comes on a branch, or one node of it is behind, is no lack of judging", () => {
  const { book, lines } = begin();
  for (const trouble of ["no-block", "endpoint-lags", "heads-lost"] as const)
    book.note({ kind: "trouble", trouble, message: "quiet" });
  expect(lines()).toEqual([]);
});

test("STREAM-08: two reasons are two messages, and all are over with the branch", () => {
  const { book, lines } = begin();
  book.raise("places", "is not judged.");
  book.raise("starts", "is not judged.");
  book.raise("starts", "is not judged.");
  expect(lines()).toHaveLength(2);
  book.clearAll();
  book.clearAll();
  expect(lines().map((line) => line.split(" ")[0])).toEqual(["recovered", "recovered"]);
});
