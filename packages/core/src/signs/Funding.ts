import { walk } from "../model/CallTree.ts";
import type { Address } from "../model/Hex.ts";
import type { Memory } from "../model/Memory.ts";
import type { TxView } from "../model/TxView.ts";

/** A transaction as far as money is followed in it. */
export type Payer = Pick<TxView, "tx" | "trace">;

/** Where an account's first money came from: over how many hops from a mixer or bridge, and when (Unix seconds). */
export interface Funding {
  readonly hops: number;
  readonly at: number;
  readonly source: Address;
}

/** What counts as a source, and how far it is followed. */
export interface FundingRules {
  readonly sources: readonly Address[];
  readonly maxHops: number;
  readonly maxSeconds: number;
}

// Accounts that are followed at a time. A mixer's customers come one by one; the oldest is forgotten first.
const followedMax = 5_000;

/** Follows native money from the sources, in the order of the block. */
export function followFunding(memory: Memory, views: readonly Payer[], now: number, rules: FundingRules): void {
  for (const view of views)
    for (const [from, to, value] of paymentsOf(view)) {
      const hops = value > 0n ? hopsFrom(memory, from, now, rules) : undefined;
      if (hops === undefined || hops > rules.maxHops || fundingOf(memory, to, now, rules) !== undefined) continue;
      const source = fundingOf(memory, from, now, rules)?.source ?? from;
      memory.set(`funded:${to}`, [hops, now, source]);
      note(memory, to);
    }
}

/** The funding of `account`, if it was seen and is not too long ago. */
export function fundingOf(memory: Memory, account: Address, now: number, rules: FundingRules): Funding | undefined {
  const cell = memory.get(`funded:${account}`) as readonly [number, number, Address] | undefined;
  if (cell === undefined || now - Number(cell[1]) > rules.maxSeconds) return undefined;
  return { hops: Number(cell[0]), at: Number(cell[1]), source: cell[2] };
}

function hopsFrom(memory: Memory, from: Address, now: number, rules: FundingRules): number | undefined {
  if (rules.sources.includes(from)) return 1;
  const funding = fundingOf(memory, from, now, rules);
  return funding === undefined ? undefined : funding.hops + 1;
}

function paymentsOf({ tx, trace }: Payer): (readonly [Address, Address, bigint])[] {
  if (trace === undefined) return tx.to === null ? [] : [[tx.from, tx.to, tx.value]];
  return walk(trace)
    .filter(({ frame, reverted }) => !reverted && frame.value > 0n && frame.type === "CALL")
    .map(({ frame }) => [frame.from, frame.to, frame.value]);
}

function note(memory: Memory, account: Address): void {
  const list = (memory.get("followed") ?? []) as readonly Address[];
  const all = [...list.filter((other) => other !== account), account];
  for (const old of all.slice(0, -followedMax)) memory.set(`funded:${old}`, undefined);
  memory.set("followed", all.slice(-followedMax));
}
