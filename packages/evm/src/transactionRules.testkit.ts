// A world for the rules of transactions: one sender with a thousand ether, and a block with room.
import { assemble } from "./assemble.testkit.ts";
import type { Engine } from "./Engine.ts";
import type { EngineAccount } from "./EngineOptions.ts";
import type { Fork } from "./fork.ts";
import type { Address } from "./hex.ts";
import { openEngine } from "./openEngine.ts";
import type { SendOutcome } from "./outcomeOf.ts";
import type { EngineAuthorization, EngineBlock, EngineTransaction } from "./Transaction.ts";

export const addressOf = (digits: string): Address => `0x${digits.repeat(20)}`;
export const sender = addressOf("5e");
/** Has no code; was used before. */
export const known = addressOf("ab");
/** Was never used. */
export const fresh = addressOf("fe");
/** Stores 7 under 0, and fails if there is call data. */
export const storer = addressOf("11");
/** Sets slot 0, which holds 1, to zero. */
export const clearer = addressOf("12");
/** Returns BLOBBASEFEE. */
export const pricer = addressOf("13");
/** Asks for the balance of its own address. */
export const asker = addressOf("14");
export const richBalance = 10n ** 21n;
export const empty = new Uint8Array();

const account = (code: string, storage = new Map<bigint, bigint>()): EngineAccount => ({
  balance: 0n,
  nonce: 1n,
  code: assemble(code),
  storage,
});
const accounts = new Map<Address, EngineAccount>([
  [sender, { balance: richBalance, nonce: 0n, code: empty }],
  [known, { balance: 1n, nonce: 0n, code: empty }],
  [storer, account("7 0 SSTORE CALLDATASIZE @bad JUMPI STOP :bad 0 0 REVERT")],
  [clearer, account("0 0 SSTORE", new Map([[0n, 1n]]))],
  [asker, account(`${asker} BALANCE`)],
  [pricer, { ...account("0"), code: Uint8Array.from([0x4a, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]) }],
]);
const block: EngineBlock = {
  number: 1n,
  timestamp: 1n,
  gasLimit: 1n << 40n,
  baseFeePerGas: 10n,
  coinbase: addressOf("cb"),
  prevRandao: 0n,
  excessBlobGas: 0n,
};

export const openRules = (fork: Fork, changes: Partial<EngineBlock> = {}): Promise<Engine> =>
  openEngine({ fork, chainId: 1n, block: { ...block, ...changes }, accounts });

/** What becomes of a transaction of the sender to `known`, at the base fee. */
export function sendFrom(engine: Engine, tx: Partial<EngineTransaction>): SendOutcome {
  const price = tx.maxFeePerGas === undefined ? { gasPrice: 10n } : {};
  return engine.send({ from: sender, to: known, value: 0n, input: empty, gas: 1_000_000n, ...price, ...tx });
}

/** A delegation of `authority` to `address`, as if it were signed. */
export const delegating = (
  authority: Address | undefined,
  address: Address,
  changes: Partial<EngineAuthorization> = {},
): EngineAuthorization => ({ chainId: 1n, address, nonce: 0n, authority, ...changes });

/** A hash of a blob, by the version that its first byte names. */
export const blobHash = (version = 1): Uint8Array => new Uint8Array(32).fill(0xb1).fill(version, 0, 1);
export const hashesOf = (count: number): Uint8Array[] => Array.from({ length: count }, () => blobHash());

export const whyOf = (outcome: SendOutcome): string | undefined =>
  outcome.kind === "invalid" ? outcome.why : undefined;
export const gasOf = (outcome: SendOutcome): bigint | undefined =>
  outcome.kind === "ran" ? outcome.gasUsed : undefined;
