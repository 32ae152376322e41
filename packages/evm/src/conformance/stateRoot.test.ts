import { MerklePatriciaTrie } from "@ethereumjs/mpt";
import { Account, bytesToHex, hexToBytes } from "@ethereumjs/util";
import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeRlp, toShortBytes } from "../encodeRlp.ts";
import type { StateAccounts } from "./StateTestEngine.ts";
import { stateRoot } from "./stateRoot.ts";

test("EVM-02: an empty state has the root of an empty trie", () => {
  expect(bytesToHex(stateRoot(new Map()))).toBe("0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
});

test("EVM-02: a slot that holds zero is as none", () => {
  const state = (storage: Map<bigint, bigint>): StateAccounts =>
    new Map([[`0x${"11".repeat(20)}`, { balance: 1n, nonce: 0n, code: new Uint8Array(0), storage }]]);
  expect(stateRoot(state(new Map([[3n, 0n]])))).toEqual(stateRoot(state(new Map())));
});

test("EVM-02: any state has the root that @ethereumjs/mpt gives it", async () => {
  const word = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
  const account = fc.record({
    balance: word,
    nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    code: fc.uint8Array({ maxLength: 80 }),
    storage: fc
      .array(fc.tuple(word, fc.oneof(word, fc.bigInt({ min: 0n, max: 3n }))), { maxLength: 40 })
      .map((pairs) => new Map(pairs)),
  });
  const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => bytesToHex(bytes));
  const state = fc.array(fc.tuple(address, account), { maxLength: 20 }).map((pairs) => new Map(pairs));
  await fc.assert(
    fc.asyncProperty(state, async (accounts) => {
      expect(bytesToHex(stateRoot(accounts))).toBe(bytesToHex(await rootOfPeer(accounts)));
    }),
    { numRuns: 60, seed: 20_241_024 },
  );
});

async function rootOfPeer(accounts: StateAccounts): Promise<Uint8Array> {
  const trie = new MerklePatriciaTrie({ useKeyHashing: true });
  for (const [address, { balance, nonce, code, storage }] of accounts) {
    const slots = new MerklePatriciaTrie({ useKeyHashing: true });
    for (const [slot, value] of storage)
      if (value !== 0n) await slots.put(toWord(slot), encodeRlp(toShortBytes(value)));
    const account = new Account(nonce, balance, slots.root(), keccak_256(code));
    await trie.put(hexToBytes(address as `0x${string}`), account.serialize());
  }
  return trie.root();
}

function toWord(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}
