import type { Fork } from "../fork.ts";
import type { Address } from "../hex.ts";
import type { EngineAccount } from "../openEngine.ts";
import type { EngineBlock, EngineTransaction } from "../Transaction.ts";

/** A parameter as a contract's ABI names it. */
export interface AbiParameter {
  readonly type: string;
  readonly components?: readonly AbiParameter[];
}

/** A function that can be called: by its selector, with parameters where they are known. */
export interface FuzzFunction {
  readonly selector: number;
  readonly inputs?: readonly AbiParameter[];
}

export interface FuzzTarget {
  readonly address: Address;
  readonly functions: readonly FuzzFunction[];
}

/** A state in which random transactions run, and what is worth naming in them. */
export interface FuzzWorld {
  readonly name: string;
  readonly fork: Fork;
  readonly block: EngineBlock;
  readonly accounts: ReadonlyMap<Address, Required<EngineAccount>>;
  /** Accounts without code and with ether. */
  readonly senders: readonly Address[];
  readonly targets: readonly FuzzTarget[];
  /** Init code that creations run, with arguments behind it. */
  readonly initCodes: readonly Uint8Array[];
  /** Values that the state holds: addresses, amounts, keys. */
  readonly words: readonly bigint[];
}

/** A state, a block and transactions on it, one after the other: what reproduces a difference. */
export interface FuzzCase {
  readonly name: string;
  readonly fork: Fork;
  readonly block: EngineBlock;
  readonly accounts: ReadonlyMap<Address, Required<EngineAccount>>;
  readonly transactions: readonly EngineTransaction[];
}

export const chainId = 1n;
const ether = 10n ** 18n;
const digits = (n: number): string => n.toString(16).padStart(4, "0");

/** Addresses of those who send. */
export const senders: readonly Address[] = [1, 2, 3, 4].map((n): Address => `0x${"5e".repeat(18)}${digits(n)}`);

/** Senders with a million ether each. */
export function senderAccounts(): Map<Address, Required<EngineAccount>> {
  const rich = { balance: 1_000_000n * ether, nonce: 7n, code: new Uint8Array(), storage: new Map() };
  return new Map(senders.map((address) => [address, rich]));
}

/** The block that worlds begin in, unless they have one of their own. */
export const fuzzBlock: EngineBlock = {
  number: 19_000_000n,
  timestamp: 1_705_000_000n,
  gasLimit: 30_000_000n,
  baseFeePerGas: 7n,
  coinbase: "0xc01bc01bc01bc01bc01bc01bc01bc01bc01bc01b",
  prevRandao: 0x1234_5678_9abc_def0n << 100n,
  excessBlobGas: 0n,
};
