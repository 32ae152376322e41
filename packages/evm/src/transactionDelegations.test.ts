// Delegations of EIP-7702, against what it says.
import { expect, test } from "vitest";
import type { Address } from "./hex.ts";
import {
  addressOf,
  asker,
  delegating,
  fresh,
  gasOf,
  known,
  openRules,
  sender,
  sendFrom,
  storer,
  whyOf,
} from "./transactionRules.testkit.ts";

const codeOf = (address: Address) => Uint8Array.from([0xef, 0x01, 0x00, ...Buffer.from(address.slice(2), "hex")]);

test("EVM-01: an authorization costs 25,000 gas, of which 12,500 are given back where its account was there", async () => {
  const engine = await openRules("prague");
  const send = (authority: Address | undefined, gas = 100_000n) =>
    sendFrom(engine, { to: addressOf("77"), gas, authorizationList: [delegating(authority, storer)] });
  expect(whyOf(send(fresh, 45_999n))).toMatch(/less than the 46000/);
  expect(gasOf(send(fresh, 46_000n))).toBe(46_000n);
  // A fifth of 46,000 at most (EIP-3529).
  expect(gasOf(send(known))).toBe(36_800n);
  expect(engine.account(fresh)).toMatchObject({ nonce: 1n, code: codeOf(storer) });
  expect(engine.account(known)).toMatchObject({ nonce: 1n, code: codeOf(storer) });
});

test.each([
  ["names nobody", delegating(undefined, storer)],
  ["is for another chain", delegating(known, storer, { chainId: 2n })],
  ["has another nonce than its account's", delegating(known, storer, { nonce: 1n })],
  ["has a nonce that no account comes to", delegating(known, storer, { nonce: (1n << 64n) - 1n })],
  ["is of a contract", delegating(storer, storer, { nonce: 1n })],
])("EVM-01: an authorization that %s is skipped, and paid for", async (_, authorization) => {
  const engine = await openRules("prague");
  expect(gasOf(sendFrom(engine, { to: addressOf("77"), authorizationList: [authorization] }))).toBe(46_000n);
  expect(engine.account(known)).toMatchObject({ nonce: 0n, code: new Uint8Array() });
  expect(engine.account(storer)!.nonce).toBe(1n);
});

test("EVM-01: a transaction whose call fails keeps its delegations", async () => {
  const engine = await openRules("prague");
  const sent = sendFrom(engine, {
    to: fresh,
    input: Uint8Array.of(1),
    authorizationList: [delegating(fresh, storer)],
  });
  expect(sent).toMatchObject({ kind: "ran", succeeded: false });
  expect(engine.account(fresh)!.code).toEqual(codeOf(storer));
  expect(engine.slot(fresh, 0n)).toBe(0n);
});

test("EVM-01: a delegation runs in its account, and one to nobody takes it back", async () => {
  const engine = await openRules("prague");
  sendFrom(engine, { to: fresh, authorizationList: [delegating(fresh, storer, { chainId: 0n })] });
  expect([engine.slot(fresh, 0n), engine.slot(storer, 0n) ?? 0n]).toEqual([7n, 0n]);
  sendFrom(engine, { authorizationList: [delegating(fresh, `0x${"0".repeat(40)}`, { nonce: 1n })] });
  expect(engine.account(fresh)).toMatchObject({ nonce: 2n, code: new Uint8Array() });
});

test("EVM-01: a sender that delegates sends on (EIP-3607), and its own authorization has the nonce after the transaction's", async () => {
  const engine = await openRules("prague");
  sendFrom(engine, { nonce: 0n, authorizationList: [delegating(sender, storer, { nonce: 1n })] });
  expect(engine.account(sender)).toMatchObject({ nonce: 2n, code: codeOf(storer) });
  expect(sendFrom(engine, { nonce: 2n }).kind).toBe("ran");
  expect(whyOf(sendFrom(engine, { from: storer }))).toBe("its sender is a contract");
});

test("EVM-01: a delegation to one that delegates is followed once: what stands there is no code", async () => {
  const engine = await openRules("prague");
  const list = [delegating(fresh, known), delegating(known, storer)];
  expect(sendFrom(engine, { to: fresh, authorizationList: list })).toMatchObject({ kind: "ran", succeeded: false });
  expect(engine.slot(fresh, 0n) ?? 0n).toBe(0n);
});

test("EVM-01: the address that the called account delegates to is warm", async () => {
  const engine = await openRules("prague");
  sendFrom(engine, { to: addressOf("77"), authorizationList: [delegating(fresh, asker)] });
  // A push, and a balance that is warm (EIP-2929).
  expect(gasOf(sendFrom(engine, { to: fresh }))).toBe(21_103n);
});

test("EVM-01: of what an authorization cost, 12,500 gas come back where a fifth of all is more", async () => {
  const [one, other] = [await openRules("prague"), await openRules("prague")];
  // 22,121 to store.
  expect(gasOf(sendFrom(one, { to: storer, authorizationList: [delegating(fresh, asker)] }))).toBe(68_121n);
  expect(gasOf(sendFrom(other, { to: storer, authorizationList: [delegating(known, asker)] }))).toBe(55_621n);
});

test("EVM-01: before Prague there are no authorizations; since, a list of them has some, and creates nothing", async () => {
  const list = { authorizationList: [delegating(fresh, storer)] };
  expect(whyOf(sendFrom(await openRules("cancun"), list))).toBe("this fork knows no authorizations");
  const engine = await openRules("osaka");
  expect(whyOf(sendFrom(engine, { authorizationList: [] }))).toMatch(/has none$/);
  expect(whyOf(sendFrom(engine, { ...list, to: null }))).toBe("it has authorizations and creates a contract");
  expect(sendFrom(engine, list).kind).toBe("ran");
});
