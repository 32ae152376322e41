// Who gave whom money, and who deployed what, in the last 7 days: what ties addresses into clusters. Kept in journalled cells, so
// that a reorg takes it back, and bounded: a chain of many transfers forgets its oldest hours first.
import type { CompositeEdge } from "../detectors/detectComposite.ts";
import { publicInfrastructure } from "../model/ActorCluster.ts";
import { walk } from "../model/CallTree.ts";
import type { Plain } from "../model/canonicalJson.ts";
import { createdAddress } from "../model/createdAddress.ts";
import type { Address } from "../model/Hex.ts";
import type { Memory } from "../model/Memory.ts";
import type { TxView } from "../model/TxView.ts";

/** How long a tie lasts, in seconds. */
export const tieSeconds = 7n * 86_400n;
/** An address of more counterparties than this is an exchange or a bridge and ties nobody to anybody. */
export const hubCounterparties = 1_000;

const sliceSeconds = 3_600n;
const keptPerAddress = 64;
const mostAddresses = 50_000;
const mostHops = 4;
const mostNodes = 500;

type Tie = readonly [peer: Address, kind: CompositeEdge["kind"], isFrom: boolean, at: bigint];

interface Node {
  readonly week: number;
  /** New counterparties in this week and in the one before. */
  readonly degree: number;
  readonly before: number;
  readonly lastSlice: number;
  readonly ties: readonly Tie[];
}

/** Notes the ties of a block's transactions, at `now` (Unix seconds). The protected set and public infrastructure tie nobody. */
export function noteTies(memory: Memory, views: readonly TxView[], watched: ReadonlySet<Address>, now: bigint): void {
  const slice = Number(now / sliceSeconds);
  const isNobody = (address: Address) => watched.has(address) || publicInfrastructure.has(address);
  for (const { from, to, kind } of views.flatMap(tiesOf)) {
    if (from === to || isNobody(from) || isNobody(to)) continue;
    addTie(memory, from, [to, kind, true, now], slice);
    addTie(memory, to, [from, kind, false, now], slice);
  }
  forget(memory, slice);
}

function tiesOf(view: TxView): CompositeEdge[] {
  const { tx, trace } = view;
  if (trace === undefined) {
    if (tx.to === null) return [{ from: tx.from, to: createdAddress(tx.from, tx.nonce), kind: "deployment" }];
    return tx.value > 0n ? [{ from: tx.from, to: tx.to, kind: "funding" }] : [];
  }
  return walk(trace).flatMap(({ frame, reverted }): CompositeEdge[] => {
    if (reverted) return [];
    if (frame.type === "CREATE" || frame.type === "CREATE2")
      return [
        { from: frame.from, to: frame.to, kind: "deployment" },
        // A factory deploys for whoever calls it.
        ...(frame.from === tx.from ? [] : [{ from: tx.from, to: frame.to, kind: "deployment" as const }]),
      ];
    return frame.value > 0n && (frame.type === "CALL" || frame.type === "SELFDESTRUCT")
      ? [{ from: frame.from, to: frame.to, kind: "funding" }]
      : [];
  });
}

function addTie(memory: Memory, address: Address, tie: Tie, slice: number): void {
  const week = Math.floor(slice / 168);
  const old = nodeOf(memory, address);
  if (old === undefined) memory.count("addresses");
  const current = old?.week === week ? old : undefined;
  const isKnown = old?.ties.some(([peer, kind, isFrom]) => peer === tie[0] && kind === tie[1] && isFrom === tie[2]);
  const others = (old?.ties ?? []).filter(
    ([peer, kind, isFrom]) => peer !== tie[0] || kind !== tie[1] || isFrom !== tie[2],
  );
  const node: Node = {
    week,
    degree: (current?.degree ?? 0) + (isKnown === true && current !== undefined ? 0 : 1),
    before: current?.before ?? (old?.week === week - 1 ? old.degree : 0),
    lastSlice: slice,
    ties: [...others, tie].slice(-keptPerAddress),
  };
  memory.set(`n/${address}`, node as unknown as Plain);
  if (old?.lastSlice === slice) return;
  const listed = (memory.get(`t/${slice}`) ?? []) as readonly Address[];
  memory.set(`t/${slice}`, [...listed, address]);
}

function nodeOf(memory: Memory, address: Address): Node | undefined {
  return memory.get(`n/${address}`) as unknown as Node | undefined;
}

function forget(memory: Memory, slice: number): void {
  const oldest = slice - Number(tieSeconds / sliceSeconds) - 1;
  let from = Number(memory.get("from") ?? slice);
  for (; from < slice && (from < oldest || Number(memory.get("addresses") ?? 0) > mostAddresses); from += 1) {
    for (const address of (memory.get(`t/${from}`) ?? []) as readonly Address[]) {
      // Who was seen again later stands in a later slice too.
      if (nodeOf(memory, address)?.lastSlice !== from) continue;
      memory.set(`n/${address}`, undefined);
      memory.count("addresses", -1);
    }
    if (memory.get(`t/${from}`) !== undefined) memory.set(`t/${from}`, undefined);
  }
  if (memory.get("from") !== from) memory.set("from", from);
}

/** Whether `address` was seen to have ties. */
export function hasTies(memory: Memory, address: Address): boolean {
  return nodeOf(memory, address) !== undefined;
}

/** Whether `address` has too many counterparties to tie anybody. */
export function isHub(memory: Memory, address: Address): boolean {
  const node = nodeOf(memory, address);
  return node !== undefined && node.degree + node.before > hubCounterparties;
}

/**
 * The addresses that ties of the last 7 days lead to from `seeds`, each with the tie by which it was reached (none for a seed).
 * At most four ties away and 500 addresses; not through hubs.
 */
export function reach(
  memory: Memory,
  seeds: readonly Address[],
  now: bigint,
): ReadonlyMap<Address, CompositeEdge | null> {
  const found = new Map<Address, CompositeEdge | null>();
  let rim = seeds.filter((seed) => !isHub(memory, seed));
  for (const seed of rim) found.set(seed, null);
  for (let hop = 0; hop < mostHops && rim.length > 0; hop += 1) {
    const next: Address[] = [];
    for (const address of rim)
      for (const [peer, kind, isFrom, at] of nodeOf(memory, address)?.ties ?? []) {
        if (found.has(peer) || now - at > tieSeconds || isHub(memory, peer)) continue;
        if (found.size >= mostNodes) return found;
        found.set(peer, isFrom ? { from: address, to: peer, kind } : { from: peer, to: address, kind });
        next.push(peer);
      }
    rim = next;
  }
  return found;
}
