// The same work wherever it runs: a few hundred calls and transactions, and hashes of all that came of them. It imports
// nothing of Node, so that a page can run it.
import { sha256 } from "@noble/hashes/sha2.js";
import { assemble } from "./assemble.testkit.ts";
import { type Address, fromHex, toAddress, toHex } from "./hex.ts";
import { type Engine, type EngineAccount, openEngine } from "./openEngine.ts";
import { generator, randomCode } from "./randomCode.testkit.ts";

const sender: Address = `0x${"5e".repeat(20)}`;
const addressOf = (n: number): Address => toAddress(0xc0de0000n + BigInt(n));
const block = {
  number: 20_000_000n,
  timestamp: 1_750_000_000n,
  gasLimit: 30_000_000n,
  baseFeePerGas: 7n,
  coinbase: `0x${"cb".repeat(20)}` as Address,
  prevRandao: 0x1234n,
  excessBlobGas: 131_072n,
};

/** Calls what its first word names with the rest, keeps the hash of the output, logs it, and fails where that is odd. */
const caller = `
  32 CALLDATASIZE SUB 32 PUSH0 CALLDATACOPY
  PUSH0 PUSH0 32 CALLDATASIZE SUB PUSH0 CALLVALUE PUSH0 CALLDATALOAD 2 GAS SUB CALL
  RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY
  RETURNDATASIZE PUSH0 KECCAK256 DUP1 0xff AND SLOAD DUP2 ADD DUP2 0xff AND SSTORE
  DUP1 SWAP2 RETURNDATASIZE PUSH0 LOG2
  0x1f AND ISZERO @odd JUMPI RETURNDATASIZE PUSH0 RETURN
  :odd RETURNDATASIZE PUSH0 REVERT`;
/** Creates a contract of its call data, and one more with a salt, and counts both. */
const creator = `
  CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY
  CALLDATASIZE PUSH0 CALLVALUE CREATE
  7 CALLDATASIZE PUSH0 PUSH0 CREATE2
  PUSH0 SLOAD 1 ADD PUSH0 SSTORE
  PUSH0 MSTORE 32 MSTORE 64 PUSH0 RETURN`;

/** SHA-256 as hex, and how often each end came up, by geth's name of it. */
export interface Digests {
  /** Of status, gas, output and logs of every run, and of the state after all of them: what the rules of the chain say. */
  readonly results: string;
  /** Of call trees and of what the other hooks recorded. */
  readonly records: string;
  readonly ends: { readonly [end: string]: number };
}

export async function digestOfRuns(): Promise<Digests> {
  const results = sha256.create();
  const records = sha256.create();
  const ends: Record<string, number> = {};
  const next = generator(0x7e57);
  for (const fork of ["cancun", "prague"] as const) {
    const accounts = accountsOf(next);
    const engine = await openEngine({
      fork,
      chainId: 1n,
      block,
      accounts,
      hooks: { trace: true, comparisons: true, edges: true, storage: true, flows: true },
    });
    engine.watch(sender);
    const seen = [...accounts.keys()];
    for (let i = 0; i < 250; i++) {
      const { result, record, end, created } = runOne(engine, next, i);
      results.update(bytesOf(result));
      records.update(bytesOf(record));
      ends[end] = (ends[end] ?? 0) + 1;
      if (created !== undefined) seen.push(created);
    }
    for (const address of seen) results.update(bytesOf(stateOf(engine, address)));
    records.update(bytesOf(engine.coverage()));
  }
  return { results: toHex(results.digest()), records: toHex(records.digest()), ends };
}

function runOne(engine: Engine, next: (below: number) => number, i: number) {
  const to = i % 9 === 8 ? null : addressOf(next(12));
  const common = { from: sender, to, value: BigInt(next(3)), input: inputOf(next, to) };
  const mark = engine.snapshot();
  const outcome =
    i % 3 === 0
      ? engine.send({
          ...common,
          gas: BigInt(100_000 + next(900_000)),
          gasPrice: BigInt(7 + next(5)),
          accessList: [{ address: addressOf(0), storageKeys: [BigInt(next(4))] }],
        })
      : engine.call({ ...common, gas: BigInt(30_000 + next(2_000_000)) });
  const result = { outcome, logs: engine.logs() };
  const hooks = [engine.comparisons().slice(0, 50), engine.storageUses().slice(0, 50), engine.flows()];
  const record = { trace: engine.trace(), hooks };
  if (i % 7 === 6) engine.rollback(mark);
  const end = "error" in outcome ? outcome.error! : "kind" in outcome ? outcome.kind : "called";
  return { result, record, end, created: "created" in outcome ? outcome.created : undefined };
}

/** Two contracts with a purpose, and ten of random bytes that begin with what keeps them going for a while. */
function accountsOf(next: (below: number) => number): Map<Address, EngineAccount> {
  const codes = [assemble(caller), assemble(creator), ...Array.from({ length: 10 }, () => randomCode(next))];
  const accounts = new Map<Address, EngineAccount>([
    [sender, { balance: 10n ** 24n, nonce: 0n, code: new Uint8Array() }],
  ]);
  for (const [n, code] of codes.entries()) {
    accounts.set(addressOf(n), { balance: 1_000n, nonce: 1n, code, storage: new Map([[1n, BigInt(next(1000))]]) });
  }
  return accounts;
}

const generatorOfBn254 = `${"1".padStart(64, "0")}${"2".padStart(64, "0")}`;

function inputOf(next: (below: number) => number, to: Address | null): Uint8Array {
  const bytes = (length: number) => Uint8Array.from({ length }, () => next(256));
  if (to === null || to === addressOf(1)) return randomCode(next);
  if (to !== addressOf(0)) return bytes(next(70));
  const id = 1 + next(12);
  const target = fromHex(`0x${BigInt(id).toString(16).padStart(64, "0")}`);
  return Uint8Array.from([...target, ...precompileInput(id, next, bytes)]);
}

function precompileInput(
  id: number,
  next: (below: number) => number,
  bytes: (length: number) => Uint8Array,
): Uint8Array {
  if (id === 1) return Uint8Array.from([...bytes(32), ...new Uint8Array(31), 27 + next(2), ...bytes(64)]);
  if (id === 5) {
    const length = (n: number) => [...new Uint8Array(31), n];
    const [base, exponent, modulus] = [1 + next(40), 1 + next(20), 1 + next(40)];
    return Uint8Array.from([
      ...length(base),
      ...length(exponent),
      ...length(modulus),
      ...bytes(base + exponent + modulus),
    ]);
  }
  if (id === 6) return fromHex(`0x${generatorOfBn254}${generatorOfBn254}`);
  if (id === 7) return Uint8Array.from([...fromHex(`0x${generatorOfBn254}`), ...bytes(32)]);
  if (id === 8) return new Uint8Array();
  return bytes(id === 9 ? 213 : next(200));
}

function stateOf(engine: Engine, address: Address): unknown {
  const account = engine.account(address);
  if (account === undefined) return { address };
  const slots = [...account.storage!].sort(([a], [b]) => (a < b ? -1 : 1));
  return { address, balance: account.balance, nonce: account.nonce, code: account.code, slots };
}

function bytesOf(value: unknown): Uint8Array {
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === "bigint") return `${part}n`;
    return part instanceof Uint8Array ? toHex(part) : part;
  });
  return new TextEncoder().encode(text);
}
