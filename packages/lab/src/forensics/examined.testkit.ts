// Transactions to be explained, in the words of people who make them: calls with logs, tokens, and a state that answers.
import type { CallFrame, FrameLog, FrameType } from "@testudo/core/model/BlockBundle";
import { type Address, type Hex, toWord } from "@testudo/core/model/Hex";
import { topic } from "@testudo/core/model/KnownSignature";
import { keyOfRead, type StateRead } from "@testudo/core/model/StateRead";
import type { Examined } from "./Examined.ts";

export const addr = (n: number): Address => `0x${"5e".repeat(10)}${n.toString(16).padStart(20, "0")}`;
/** The precompiled contract that recovers signers. */
export const recover: Address = `0x${"1".padStart(40, "0")}`;
export const word = (value: bigint | Address): Hex => `0x${toWord(value)}`;
/** Who sends, the contract that acts for it, the contract that loses, and tokens. */
export const [sender, bot, vault, usd, eur, pool, feed, owner] = [1, 2, 3, 4, 5, 6, 7, 8].map((n) =>
  addr(0xe0a00 + n),
) as [Address, Address, Address, Address, Address, Address, Address, Address];
export const zero: Address = `0x${"0".repeat(40)}`;
export const unit = 10n ** 6n;

export type Words = readonly (bigint | Address)[];
export const data = (selector: Hex, words: Words = []): Hex => `${selector}${words.map(toWord).join("")}` as Hex;

export function frame(
  from: Address,
  to: Address,
  input: Hex,
  more: Partial<CallFrame> & { readonly type?: FrameType } = {},
): CallFrame {
  return { type: "CALL", from, to, value: 0n, input, output: "0x", calls: [], logs: [], ...more };
}

export const call = (from: Address, to: Address, selector: Hex, words: Words = [], calls: readonly CallFrame[] = []) =>
  frame(from, to, data(selector, words), { calls });
export const look = (from: Address, to: Address, selector: Hex, answer: bigint) =>
  frame(from, to, selector, { type: "STATICCALL", output: word(answer) });
export const create = (from: Address, to: Address) => frame(from, to, "0x60", { type: "CREATE", output: "0x00" });

export const transferLog = (token: Address, from: Address, to: Address, amount: bigint): FrameLog => ({
  address: token,
  topics: [topic.transfer, word(from), word(to)],
  data: word(amount),
  position: 0,
});
/** `transfer` by `from` itself. */
export const send = (token: Address, from: Address, to: Address, amount: bigint) =>
  frame(from, token, data("0xa9059cbb", [to, amount]), {
    output: word(1n),
    logs: [transferLog(token, from, to, amount)],
  });
/** `transferFrom` by `by`. */
export const pull = (token: Address, by: Address, from: Address, to: Address, amount: bigint) =>
  frame(by, token, data("0x23b872dd", [from, to, amount]), {
    output: word(1n),
    logs: [transferLog(token, from, to, amount)],
  });

/** The transaction of `sender` to `bot`, which makes `calls`. */
export function examined(calls: readonly CallFrame[], more: Partial<Examined> = {}): Examined {
  return examinedTree(frame(sender, bot, "0x9e5faafc", { calls }), more);
}

export function examinedTree(trace: CallFrame, more: Partial<Examined> = {}): Examined {
  const { from, to, value, input } = trace;
  return {
    chainId: 1,
    tx: { hash: word(0xabcn), index: 0, from, to, value, input, nonce: 7 },
    block: { number: 100n, timestamp: 1_750_000_000n },
    succeeded: trace.error === undefined,
    trace,
    ...more,
  };
}

/** Answers by the reads that are known; everything else reverts. */
export function state(known: readonly (readonly [StateRead, bigint | Hex])[]): NonNullable<Examined["answer"]> {
  const answers = new Map(
    known.map(([read, value]) => [keyOfRead(read), typeof value === "bigint" ? word(value) : value]),
  );
  return async (reads) =>
    reads.map((read) => {
      const value = answers.get(keyOfRead(read));
      return value === undefined ? { ok: false, error: "execution reverted" } : { ok: true, value };
    });
}

/** What `holder` had of `token` before. */
export const held = (token: Address, holder: Address, amount: bigint): readonly [StateRead, bigint] => [
  { kind: "call", at: "parent", to: token, data: data("0x70a08231", [holder]) },
  amount,
];

/** A token's symbol and decimals. */
export function token(address: Address, symbol: string, decimals: bigint): (readonly [StateRead, bigint | Hex])[] {
  const text = Buffer.from(symbol).toString("hex");
  const length = BigInt(text.length / 2);
  const padded = text.padEnd(Math.ceil(text.length / 64) * 64, "0");
  return [
    [{ kind: "call", at: "block", to: address, data: "0x95d89b41" }, `${word(32n)}${toWord(length)}${padded}` as Hex],
    [{ kind: "call", at: "block", to: address, data: "0x313ce567" }, decimals],
  ];
}
