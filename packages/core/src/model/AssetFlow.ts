import type { Asset } from "./Asset.ts";
import type { CallFrame, FrameLog, Transaction } from "./BlockBundle.ts";
import type { Address } from "./Hex.ts";
import { transfersOf } from "./Transfer.ts";

export type { Asset };

/**
 * Net movement of assets in one transaction: address → asset → signed amount in the asset's smallest unit.
 * Positive = received. Gas fees are not in it. The zero address stands for what was minted (−) and burned (+), so that
 * each asset sums to zero over all addresses.
 */
export interface AssetFlow {
  readonly net: ReadonlyMap<Address, ReadonlyMap<Asset, bigint>>;
  /** Where the figures come from: logs and native value, or calldata where there are no logs. */
  readonly source: "logs" | "calldata";
  /** Assets whose figures do not add up to minted minus burned (fee on transfer, rebase, forged event; ASSET-03). */
  readonly unbalanced: ReadonlySet<Asset>;
}

/**
 * The net asset flow of `tx`, without any ABI. Sources in order of trust: Transfer-family logs and the native value of
 * frames that lasted; calldata of token calls where there are no logs. Never throws on what the chain says.
 * Without a trace inner native value is unknown, and the top-level value counts even if the transaction failed.
 *
 * @param logs Receipt logs of this transaction; empty when the scope is absent, then the trace's own logs are taken.
 */
export function assetFlowOf(tx: Transaction, logs: readonly FrameLog[], trace: CallFrame | undefined): AssetFlow {
  const { transfers, source, unbalanced } = transfersOf(tx, logs, trace);
  const net = new Map<Address, Map<Asset, bigint>>();
  for (const { asset, from, to, amount } of transfers) {
    add(net, from, asset, -amount);
    add(net, to, asset, amount);
  }
  return { net, source, unbalanced };
}

function add(net: Map<Address, Map<Asset, bigint>>, holder: Address, asset: Asset, amount: bigint): void {
  const own = net.get(holder) ?? new Map<Asset, bigint>();
  own.set(asset, (own.get(asset) ?? 0n) + amount);
  net.set(holder, own);
}

/** The net of a group of addresses by asset; movements inside the group cancel. */
export function netOfGroup(flow: AssetFlow, group: Iterable<Address>): Map<Asset, bigint> {
  const sum = new Map<Asset, bigint>();
  for (const holder of group)
    for (const [asset, amount] of flow.net.get(holder) ?? []) sum.set(asset, (sum.get(asset) ?? 0n) + amount);
  return sum;
}
