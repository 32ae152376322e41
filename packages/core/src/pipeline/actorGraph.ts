// Who gave whom money, and who deployed what, in the last 7 days: what ties addresses into clusters. Kept in journalled cells, so
// that a reorg takes it back, and bounded: a chain of many transfers forgets its oldest hours first.
import type { CompositeEdge } from "../detectors/detectComposite.ts";
import { distinctIn, emptySketch, withName } from "../math/distinctCount.ts";
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

const keptPerAddress = 32;
const mostAddresses = 50_000;
const mostHops = 4;
const mostNodes = 500;

type Tie = readonly [peer: Address, kind: CompositeEdge["kind"], isFrom: boolean, at: bigint];

interface Node {
  readonly week: number;
  /** Counterparties in this week and in the one before; about so many, where they are more than are kept. */
  readonly degree: number;
  readonly before: number;
  /** The place in the queue of blocks at which it was seen last. */
  readonly place: number;
  readonly ties: readonly Tie[];
  /** Who they were, once they are more than are kept. */
  readonly sketch?: string;
}

/** Notes the ties of a block's transactions, at `now` (Unix seconds). The protected set and public infrastructure tie nobody. */
export function noteTies(memory: Memory, views: readonly TxView[], watched: ReadonlySet<Address>, now: bigint): void {
  const isNobody = (address: Address) => watched.has(address) || publicInfrastructure.has(address);
  const place = Number(memory.get("tail") ?? 0);
  const seen = new Set<Address>();
  for (const { from, to, kind } of views.flatMap(tiesOf)) {
    if (from === to || isNobody(from) || isNobody(to)) continue;
    addTie(memory, from, [to, kind, true, now], place);
    addTie(memory, to, [from, kind, false, now], place);
    seen.add(from).add(to);
  }
  if (seen.size > 0) {
    memory.set(`q/${place}`, [now, ...seen]);
    memory.set("tail", place + 1);
  }
  forget(memory, now);
}

function tiesOf(view: TxView): CompositeEdge[] {
  const delegated = (view.tx.delegations ?? []).map(
    ({ authority, to }): CompositeEdge => ({ from: authority, to, kind: "delegation" }),
  );
  return [...delegated, ...movesOf(view)];
}

function movesOf({ tx, trace }: TxView): CompositeEdge[] {
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

function addTie(memory: Memory, address: Address, tie: Tie, place: number): void {
  const week = Number(tie[3] / tieSeconds);
  const old = nodeOf(memory, address);
  if (old === undefined) memory.count("addresses");
  const isNow = old?.week === week;
  const isSame = ([peer, kind, isFrom]: Tie) => peer === tie[0] && kind === tie[1] && isFrom === tie[2];
  const isKnown = isNow && old.ties.some(isSame);
  const counted = (isNow ? old.degree : 0) + (isKnown ? 0 : 1);
  const sketch = counted < keptPerAddress ? undefined : sketchOf(isNow ? old : undefined, tie);
  const degree = sketch === undefined ? counted : Math.max(keptPerAddress, distinctIn(sketch));
  const before = isNow ? old.before : old?.week === week - 1 ? old.degree : 0;
  const others = (old?.ties ?? []).filter((known) => !isSame(known));
  // What ties nobody need not be kept.
  const ties = degree + before > hubCounterparties ? [] : [...others, tie].slice(-keptPerAddress);
  const node: Node = { week, degree, before, place, ties, ...(sketch === undefined ? {} : { sketch }) };
  memory.set(`n/${address}`, node as unknown as Plain);
}

function sketchOf(old: Node | undefined, [peer]: Tie): string {
  const before = old?.sketch ?? (old?.ties ?? []).reduce((all, [known]) => withName(all, known), emptySketch);
  return withName(before, peer);
}

function nodeOf(memory: Memory, address: Address): Node | undefined {
  return memory.get(`n/${address}`) as unknown as Node | undefined;
}

/** Forgets blocks older than a tie lasts, and the oldest ones while there are too many addresses. */
function forget(memory: Memory, now: bigint): void {
  const tail = Number(memory.get("tail") ?? 0);
  const first = Number(memory.get("head") ?? 0);
  let head = first;
  for (; head < tail; head += 1) {
    const [at, ...addresses] = (memory.get(`q/${head}`) ?? [0n]) as readonly [bigint, ...Address[]];
    if (now - at <= tieSeconds && Number(memory.get("addresses") ?? 0) <= mostAddresses) break;
    for (const address of addresses) {
      // Who was seen again later stands in a later block too.
      if (nodeOf(memory, address)?.place !== head) continue;
      memory.set(`n/${address}`, undefined);
      memory.count("addresses", -1);
    }
    memory.set(`q/${head}`, undefined);
  }
  if (head !== first) memory.set("head", head);
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
