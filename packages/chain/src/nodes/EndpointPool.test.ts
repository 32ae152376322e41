import { expect, test } from "vitest";
import { makeProofBook } from "../prove/ProofBook.ts";
import { openEndpoint } from "../rpc/rpcEndpoint.ts";
import { makePool } from "./EndpointPool.ts";
import { makeTroubleBook } from "./TroubleBook.ts";

function open() {
  const told: string[] = [];
  const troubles = makeTroubleBook(
    ({ trouble, endpoint }) => void told.push(`${trouble} of ${endpoint}`),
    () => false,
  );
  const endpoints = ["liar", "one", "two"].map((label) => openEndpoint("http://127.0.0.1:1", { label }));
  const pool = makePool({ endpoints, quorum: 2, troubles, maxBackoffMs: 100 });
  return { told, troubles, pool, liar: pool.members[0]! };
}

test("STREAM-05: a node whose head was another block and is ours again disagrees no more", () => {
  const { told, troubles, pool, liar } = open();
  pool.outvoted(liar, "Block 7 is another at liar.");
  pool.tellDisagreement(-1);
  pool.agrees(liar);
  expect(told).toEqual(["endpoint-disagrees of liar", "recovered of liar"]);
  expect(troubles.isOpen("endpoint-disagrees", "liar")).toBe(false);
});

test("STREAM-17: whoever was found out by a proof is told to be ill for good, whatever he does with his head", () => {
  const { told, troubles, pool, liar } = open();
  makeProofBook("logs", { troubles }).lied(liar, new Error("Node liar sent receipts that are not the block's."));
  for (const leastMs of [60_000, -1]) {
    pool.outvoted(liar, "Block 7 is another at liar.");
    pool.tellDisagreement(leastMs);
    pool.agrees(liar);
  }
  expect(troubles.isOpen("endpoint-disagrees", "liar")).toBe(true);
  expect(told).toEqual(["endpoint-disagrees of liar"]);
});

test("STREAM-05: what froze ends where a node that was found out agrees again, and that it was found out does not", () => {
  const { told, troubles, pool, liar } = open();
  makeProofBook("logs", { troubles }).lied(liar, new Error("Node liar sent receipts that are not the block's."));
  for (const member of pool.members.slice(0, 2)) pool.outvoted(member, "Block 7 is another there.");
  pool.tellDisagreement(-1);
  expect(told).toEqual(["endpoint-disagrees of liar", "endpoint-disagrees of liar", "endpoint-disagrees of one"]);
  for (const member of pool.members.slice(0, 2)) pool.agrees(member);
  expect(told.slice(3)).toEqual(["recovered of liar", "endpoint-disagrees of liar", "recovered of one"]);
  expect(troubles.isOpen("endpoint-disagrees", "liar")).toBe(true);
});
