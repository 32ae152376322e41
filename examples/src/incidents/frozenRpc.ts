import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Address, Hex } from "viem";
import { dataFolder } from "./dataFolder.ts";

/** One account of a recorded state; balance and storage as hex, storage by 32-byte slot. */
export interface RecordedAccount {
  balance: Hex;
  nonce: number;
  code: Hex;
  storage: Record<Hex, Hex>;
}

/** A recorded piece of chain state, format `testudo-capsule/1`; the timestamp is in seconds. */
export interface Capsule {
  format: "testudo-capsule/1";
  name: string;
  chainId: number;
  chain: string;
  block: { number: number; timestamp: number; baseFeePerGas?: Hex };
  accounts: Record<Address, RecordedAccount>;
}

/** The read-only JSON-RPC server that comes with the recorded data. */
export interface FrozenRpc {
  readCapsule(file: string): Capsule;
  serve(capsule: Capsule, port: number): Promise<{ url: string; close(): Promise<void> }>;
}

/** Returns the server module of the data folder. Throws `DataFolderUnset` without `TESTUDO_DATA`. */
export async function loadFrozenRpc(): Promise<FrozenRpc> {
  return (await import(pathToFileURL(join(dataFolder(), "tools", "frozen-rpc.mjs")).href)) as FrozenRpc;
}
