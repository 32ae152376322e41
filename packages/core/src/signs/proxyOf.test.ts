import { expect, test } from "vitest";
import type { Address, Hex } from "../model/Hex.ts";
import type { StateAnswer, StateRead } from "../model/StateRead.ts";
import { proxyOf } from "./proxyOf.ts";

const proxy: Address = `0x${"a".repeat(40)}`;
const logic: Address = `0x${"1".repeat(40)}`;
const beacon: Address = `0x${"b".repeat(40)}`;
const wordOf = (address: Address): Hex => `0x${address.slice(2).padStart(64, "0")}`;
const empty: Hex = `0x${"0".repeat(64)}`;
const slots = {
  implementation: "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc",
  beacon: "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50",
  proxiable: "0xc5f16f0fcc639fa48a6947836d9850f504798523bf8c9a3a87d5876cf622bcf7",
};

function stateOf(code: Hex, words: Readonly<Record<string, Hex>> = {}, rounds: { count: number } = { count: 0 }) {
  const one = (read: StateRead): StateAnswer => {
    if (read.kind === "code") return { ok: true, value: code };
    if (read.kind === "slot") return { ok: true, value: words[read.slot] ?? empty };
    if (read.kind === "call" && read.to === beacon && read.data === "0x5c60da1b")
      return { ok: true, value: wordOf(logic) };
    return { ok: false, error: "execution reverted" };
  };
  return (reads: readonly StateRead[]) => {
    rounds.count += 1;
    return reads.map(one);
  };
}

const clone: Hex = `0x363d3d373d3d3d363d73${logic.slice(2)}5af43d82803e903d91602b57fd5bf3`;
const push0: Hex = `0x365f5f375f5f365f73${logic.slice(2)}5af43d5f5f3e5f3d91602a57fd5bf3`;

test.each([
  ["eip-1967", "0x60", { [slots.implementation]: wordOf(logic) }, { kind: "eip-1967", implementation: logic }],
  [
    "eip-1967-beacon",
    "0x60",
    { [slots.beacon]: wordOf(beacon) },
    { kind: "eip-1967-beacon", implementation: logic, beacon },
  ],
  ["eip-1822", "0x60", { [slots.proxiable]: wordOf(logic) }, { kind: "eip-1822", implementation: logic }],
  ["eip-1167", clone, {}, { kind: "eip-1167", implementation: logic }],
  ["eip-1167 with PUSH0", push0, {}, { kind: "eip-1167", implementation: logic }],
  ["eip-7702", `0xef0100${logic.slice(2)}`, {}, { kind: "eip-7702", implementation: logic }],
] as const)("DET-04: the code behind an address is found: %s", (_, code, words, expected) => {
  expect(proxyOf(stateOf(code, words), proxy, "block")).toEqual(expected);
});

test("DET-04: what the code says goes before what a slot says", () => {
  const words = { [slots.implementation]: wordOf(beacon) };
  expect(proxyOf(stateOf(clone, words), proxy, "block")?.implementation).toBe(logic);
});

test("DET-04: an account, a contract of its own, and a slot that holds no address are no proxies", () => {
  expect(proxyOf(stateOf("0x"), proxy, "block")).toBeUndefined();
  expect(proxyOf(stateOf("0x60"), proxy, "block")).toBeUndefined();
  expect(proxyOf(stateOf("0x60", { [slots.implementation]: `0x${"f".repeat(64)}` }), proxy, "block")).toBeUndefined();
  expect(proxyOf(stateOf("0x60", { [slots.beacon]: wordOf(proxy) }), proxy, "block")).toBeUndefined();
});

test("DET-04: one round of reads does, and two for a beacon", () => {
  const rounds = { count: 0 };
  proxyOf(stateOf("0x60", {}, rounds), proxy, "block");
  expect(rounds.count).toBe(1);
  proxyOf(stateOf("0x60", { [slots.beacon]: wordOf(beacon) }, rounds), proxy, "block");
  expect(rounds.count).toBe(3);
});

test("DET-04: the slots are the hashes that the standards name", async () => {
  const { keccak_256 } = await import("@noble/hashes/sha3.js");
  const hash = (text: string) => BigInt(`0x${Buffer.from(keccak_256(new TextEncoder().encode(text))).toString("hex")}`);
  expect(BigInt(slots.implementation)).toBe(hash("eip1967.proxy.implementation") - 1n);
  expect(BigInt(slots.beacon)).toBe(hash("eip1967.proxy.beacon") - 1n);
  expect(BigInt(slots.proxiable)).toBe(hash("PROXIABLE"));
});
