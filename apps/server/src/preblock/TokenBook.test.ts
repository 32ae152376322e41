import type { BlockBundle, CallFrame } from "@testudo/core/model/BlockBundle";
import type { Evm } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { topic } from "@testudo/core/model/KnownSignature";
import { expect, test } from "vitest";
import { openNamedTokens } from "./namedTokens.ts";
import { openTokenBook } from "./TokenBook.ts";

const of = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
const word = (address: Address): Hex => `0x${address.slice(2).padStart(64, "0")}`;
const [vault, user, held] = [of(0xaa), of(0xe1), of(0x70)];
const ref = { number: 1n, hash: word(of(1)), parentHash: word(of(2)), timestamp: 1n };

/** A block with one transaction, in which each of `tokens` says that it came to the vault; `by` called them. */
function sent(tokens: readonly Address[], by: Address): BlockBundle {
  const call = (from: Address, to: Address, calls: readonly CallFrame[] = []): CallFrame => ({
    ...{ type: "CALL", from, to, value: 0n, input: "0x", output: "0x", logs: [], calls },
  });
  const logs = tokens.map((address, index) => ({
    ...{ address, topics: [topic.transfer, word(user), word(vault)], data: word(of(5)), index, txIndex: 0 },
  }));
  const calls = tokens.map((token) => call(by, token));
  const traces = [call(user, by, calls)];
  return { ref, txs: [], logs, traces, has: ["X", "L", "T"], sources: ["test"] };
}

test("LAB-36: what strangers send to a protected address stands behind what it took itself", () => {
  const book = openTokenBook([vault]);
  book.observe(sent([held], vault));
  book.observe(
    sent(
      Array.from({ length: 40 }, (_, i) => of(0x900 + i)),
      of(0xbad),
    ),
  );
  expect(book.seen()[0]).toBe(held);
  expect(book.seen().slice(1, 4)).toEqual([of(0x927), of(0x926), of(0x925)]);
});

test("LAB-36: what a protected address names stands before what strangers sent to it", async () => {
  const named: Address = `0x${"70".repeat(20)}`;
  // One function, `asset()`.
  const code: Hex = "0x5f3560e01c6338d52e0f14600f575f80fd5b";
  const read = async ({ kind }: { readonly kind: string }) => ({
    ok: true,
    value: kind === "code" ? code : word(named),
  });
  const tokens = await openNamedTokens([vault])({ read } as unknown as Evm, [of(0x900), of(0x901)]);
  expect(tokens).toEqual([named, of(0x900), of(0x901)]);
});
