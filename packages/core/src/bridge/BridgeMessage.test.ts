import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Address } from "../model/Hex.ts";
import { bridgeMessageId } from "./BridgeMessage.ts";

const path = new URL("../../../../contracts/test/vectors/bridge.json", import.meta.url);
const rows = (JSON.parse(readFileSync(path, "utf8")).messages.rows as string[][]).map((row) => row.map(BigInt));
const addressOf = (value: bigint): Address => `0x${value.toString(16).padStart(40, "0")}`;

function idOf(row: readonly bigint[]) {
  const [source, destination, sourceGuard, destinationGuard, sourceToken, destinationToken, amount, receiver, nonce] =
    row as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  const lane = {
    source,
    destination,
    sourceGuard: addressOf(sourceGuard),
    destinationGuard: addressOf(destinationGuard),
    sourceToken: addressOf(sourceToken),
    destinationToken: addressOf(destinationToken),
  };
  return bridgeMessageId(lane, { amount, receiver: addressOf(receiver), nonce });
}

test("BRIDGE-03: every message of the shared vectors has its id", () => {
  expect(rows.length).toBe(64);
  for (const row of rows) expect(BigInt(idOf(row))).toBe(row[9]);
});

test("BRIDGE-03: each field changes the id", () => {
  for (const row of rows) {
    const ids = new Set(row.slice(0, 9).map((_, i) => idOf(row.map((value, k) => (k === i ? value ^ 1n : value)))));
    ids.add(idOf(row));
    expect(ids.size).toBe(10);
  }
});
