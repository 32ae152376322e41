import type { BlockBundle, CallFrame, Transaction } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { openFundingBook } from "./FundingBook.ts";
import { creationsNear } from "./probeCreations.ts";

const addr = (byte: string): Address => `0x${byte.repeat(20)}`;
const [vault, mixer, between, deployer, made] = [addr("aa"), addr("77"), addr("b0"), addr("d0"), addr("c1")];
const rules = { sources: [mixer], maxHops: 2, maxSeconds: 3_600 };
const flashLoan = "5cffe9de";

function frame(change: Partial<CallFrame>): CallFrame {
  const plain = { type: "CALL" as const, from: deployer, to: made, value: 0n, input: "0x" as Hex, output: "0x" as Hex };
  return { ...plain, gas: 0n, gasUsed: 0n, logs: [], calls: [], ...change } as CallFrame;
}

function blockOf(trace: CallFrame, nonce = 100, timestamp = 1_000n): BlockBundle {
  const { from, value, input } = trace;
  const tx: Transaction = { hash: `0x${"01".repeat(32)}`, index: 0, from, to: null, value, input, nonce };
  const ref = { number: 1n, hash: `0x${"02".repeat(32)}` as Hex, parentHash: `0x${"03".repeat(32)}` as Hex, timestamp };
  return { ref, txs: [tx], logs: [], traces: [trace], has: ["X", "L", "T"], sources: ["test"] };
}

const creates = (code: string) => frame({ type: "CREATE", input: "0x6000", output: `0x${code}` });
const pays = (from: Address, to: Address) => frame({ from, to, value: 1n });
const nobody = () => false;

test("PRE-07: near is who names us, in code or as a word of it, and a new account's flash loan; nobody else", () => {
  const isNear = (code: string, nonce?: number) => creationsNear(blockOf(creates(code), nonce), [vault], nobody).length;
  expect(isNear(`73${vault.slice(2)}`)).toBe(1);
  expect(isNear(`7f${"00".repeat(12)}${vault.slice(2)}`)).toBe(1);
  expect([isNear(`63${flashLoan}`, 4), isNear(`63${flashLoan}`, 5)]).toEqual([1, 0]);
  expect(isNear("00")).toBe(0);
  // Code that the constructor puts away to make it later.
  const carries = frame({ type: "CREATE", input: `0x600063${flashLoan}`, output: "0x00" });
  expect([4, 5].map((nonce) => creationsNear(blockOf(carries, nonce), [vault], nobody).length)).toEqual([1, 0]);
});

test("PRE-07: whatever a deployer makes whose money came from a mixer within two hops is near, until long after", () => {
  const book = openFundingBook(rules);
  const isNear = () => creationsNear(blockOf(creates("00")), [vault], book.isFunded).length;
  expect(isNear()).toBe(0);
  book.observe(blockOf(pays(mixer, between)));
  expect(isNear()).toBe(0);
  book.observe(blockOf(pays(between, deployer)));
  expect(isNear()).toBe(1);
  book.observe(blockOf(pays(vault, made), 100, 1_000n + 3_601n));
  expect(isNear()).toBe(0);
});
