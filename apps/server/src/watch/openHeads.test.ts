import { expect, test } from "vitest";
import { openHeads } from "./openHeads.ts";

test("STREAM-15: sockets that differ by their key alone are told apart, without the key", () => {
  const key = (digit: string) => `wss://node.example/v2/${digit.repeat(32)}`;
  const heads = openHeads([key("1"), "wss://other.example", key("2"), key("3")]);
  expect(heads.map(({ label }) => label)).toEqual([
    "wss://node.example/v2/…",
    "wss://other.example",
    "wss://node.example/v2/… (2)",
    "wss://node.example/v2/… (3)",
  ]);
});
