// Accounts that come with the hash of their code alone.
import { keccak_256 } from "@noble/hashes/sha3.js";
import { expect, test } from "vitest";
import { assemble } from "./assemble.testkit.ts";
import type { EngineAccount, EngineSource } from "./EngineOptions.ts";
import { type Address, fromHex } from "./hex.ts";
import { openEngine } from "./openEngine.ts";
import type { EngineTransaction } from "./Transaction.ts";
import { addressOf, delegating, empty, richBalance } from "./transactionRules.testkit.ts";

const sender = addressOf("5e");
const wallet = addressOf("aa");
const asker = addressOf("de");
const none = addressOf("77");
const block = {
  number: 1n,
  timestamp: 1n,
  gasLimit: 30_000_000n,
  baseFeePerGas: 1n,
  coinbase: addressOf("cb"),
  prevRandao: 0n,
  excessBlobGas: 0n,
};
const world = new Map<Address, EngineAccount>([
  [sender, { balance: richBalance, nonce: 0n, code: empty }],
  // Delegates to the next, which asks for the balance of its own address.
  [wallet, { balance: richBalance, nonce: 1n, code: fromHex(`0xef0100${asker.slice(2)}`) }],
  [asker, { balance: richBalance, nonce: 1n, code: assemble(`${asker} BALANCE`) }],
]);

/** The world, asked for; each code when a run first needs it, or with its account. */
function sourceOf(isLate: boolean, codeOf = (address: Address) => world.get(address)!.code): EngineSource {
  return {
    account: async (address) => {
      const found = world.get(address);
      if (found === undefined || !isLate || found.code.length === 0) return found;
      return { balance: found.balance, nonce: found.nonce, codeHash: keccak_256(found.code) };
    },
    code: async (address) => codeOf(address),
    slot: async () => 0n,
    blockHash: async () => new Uint8Array(32),
  };
}
const open = (source: EngineSource) => openEngine({ fork: "prague", chainId: 1n, block, source });
const plain = { from: sender, to: wallet, value: 0n, input: empty, gas: 300_000n, gasPrice: 1n };

test.each<[string, Partial<EngineTransaction>]>([
  ["calls who delegates, to whom is warm", {}],
  ["is sent by who delegates", { from: wallet, to: none }],
  ["is sent by a contract", { from: asker, to: none }],
  ["changes a delegation", { to: none, authorizationList: [delegating(wallet, none, { nonce: 1n })] }],
  ["would make a contract delegate", { authorizationList: [delegating(asker, wallet, { nonce: 1n })] }],
])("EVM-04: a transaction that %s ends alike where the code is known by its hash only", async (_, changes) => {
  const tx = { ...plain, ...changes };
  const [whole, late] = await Promise.all([open(sourceOf(false)), open(sourceOf(true))]);
  expect(await late.sendAsync(tx)).toEqual(await whole.sendAsync(tx));
  // What it looked at is known now.
  for (const [address, account] of whole.accounts())
    if (late.account(address)!.code[0] !== 0xfe) expect(late.account(address)).toEqual(account);
});

test("error: code of another hash than its account's ends the run, and is not asked for for ever", async () => {
  const engine = await open(sourceOf(true, () => assemble("STOP")));
  for (const to of [wallet, asker]) {
    const before = engine.snapshot();
    await expect(engine.sendAsync({ ...plain, to })).rejects.toThrow(`The code given for ${to} has another hash`);
    await expect(engine.callAsync({ from: sender, to })).rejects.toThrow(`The code given for ${to} has another hash`);
    expect(engine.snapshot()).toBe(before);
  }
});
