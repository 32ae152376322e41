import { serveCalls } from "@testudo/chain/testkit/faultyNode.testkit";
import type { Policy } from "@testudo/core/model/Policy";
import { afterEach, expect, test } from "vitest";
import { checkFlag } from "./checkFlag.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const policy = { haltFlag: { contract: `0x${"f1".repeat(20)}`, selector: "0x12345678" } } as unknown as Policy;
const word = (n: number) => `0x${n.toString(16).padStart(64, "0")}`;

async function checked(results: readonly string[], quorum: number) {
  const urls: string[] = [];
  for (const result of results) {
    const server = await serveCalls(({ id }) => ({ jsonrpc: "2.0", id, result }));
    closers.push(server.close);
    urls.push(server.url);
  }
  return (await checkFlag(urls, policy, quorum)).map(({ level, text }) => [level, text.split(":")[0]]);
}

test("RESP-07: doctor tells how the flag on the chain stands, and fails where it cannot be read", async () => {
  const off = [["ok", `0x${"f1".repeat(20)} says that actions may be sent`]];
  expect(await checked([word(0)], 1)).toEqual(off);
  expect(await checked([word(0), word(1)], 1)).toEqual([["warn", "It is on, says http"]]);
  const unread = [["fail", "It cannot be read, and counts as on"]];
  expect(await checked(["0x"], 1)).toEqual(unread);
  expect(await checked([word(0)], 2)).toEqual(unread);
  expect(await checkFlag([], null, 1)).toEqual([]);
});
