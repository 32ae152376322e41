import type { Address, Hex } from "viem";
import { type ChainSession, rpc } from "./ChainSession.ts";
import type { CurieSystem } from "./deployCurie.ts";
import {
  type AccountState,
  decodeAccount,
  decodeMarket,
  encodeAccount,
  encodeMarket,
  type MarketState,
  type ViewCall,
} from "./solvencyReads.ts";

/** Makes `calls` at a block (a number, or "latest") in one JSON-RPC batch; returns their results in order. */
export function readCalls(
  session: ChainSession,
  calls: readonly ViewCall[],
  block: bigint | "latest" = "latest",
): Promise<Hex[]> {
  const tag = block === "latest" ? block : `0x${block.toString(16)}`;
  return Promise.all(calls.map((call) => rpc<Hex>(session.client, "eth_call", [call, tag])));
}

/** Reads the market's prices and money at a block. */
export async function readMarket(
  session: ChainSession,
  system: CurieSystem,
  block: bigint | "latest" = "latest",
): Promise<MarketState> {
  return decodeMarket(await readCalls(session, encodeMarket(system), block));
}

/** Reads the accounts of `traders` at a block, in their order. */
export async function readAccounts(
  session: ChainSession,
  system: CurieSystem,
  traders: readonly Address[],
  block: bigint | "latest" = "latest",
): Promise<AccountState[]> {
  const results = await readCalls(
    session,
    traders.flatMap((t) => encodeAccount(system, t)),
    block,
  );
  return traders.map((trader, i) => decodeAccount(trader, results.slice(2 * i, 2 * i + 2)));
}
