// Which pending transactions are worth a run. A pool shows everybody's; most have nothing to do with us.
import type { BlockBundle, CallFrame } from "@testudo/core/model/BlockBundle";
import { createdIn, walk } from "@testudo/core/model/CallTree";
import { type Address, addressOfWord, type Hex } from "@testudo/core/model/Hex";
import type { PendingTx } from "@testudo/core/model/PendingTx";

/** Why a transaction is tried: it calls us or a neighbour, names one of us, or calls what is young or not known. */
export type Near = "neighbour" | "names-us" | "young" | "unknown" | "creation";

/** What is known of the surroundings of the protected set. */
export interface Nearness {
  /** Undefined: not near, nothing is tried. */
  reasonOf(tx: PendingTx): Near | undefined;
  /** Whether it is known to be not near, without reading its call data: false where nobody has asked for the reason yet. */
  isFar(tx: PendingTx): boolean;
  /** Whether a call tree enters the protected set or a neighbour of it, or a log of it names the former, as a token that is taken from it does. */
  isTouched(trace: CallFrame): boolean;
  /** Learns neighbours and creations from a block. */
  observe(bundle: BlockBundle): void;
  /** Notes that `tx`, a call of `to`, stayed away from us; it counts once, on however many heads it is tried. */
  wentElsewhere(to: Address, tx: Hex): void;
}

// What stands in a word before an address.
const noAddress = `0x${"0".repeat(24)}`;
// As many blocks as a deployment joins a contract to its maker for the detectors (ASSET, Z3).
const youngBlocks = 7_200n;
const neighboursMax = 10_000;
const strangersMax = 50_000;
// A block of creations alone makes a thousand, where that costs next to nothing. Whose first calls are not known is near without.
const madeMax = 500_000;
// A contract none of whose first calls came near us is left alone from then on.
const callsToBeKnown = 5;

export function openNearness(
  watched: readonly Address[],
  mostMade = madeMax,
  mostNeighbours = neighboursMax,
): Nearness {
  const us = new Set(watched);
  const neighbours = new Set<Address>();
  const madeAt = new Map<Address, bigint>();
  const elsewhere = new Map<Address, ReadonlySet<Hex>>();
  const needles = watched.map((address) => address.slice(2));
  // Call data may be large, and what waits is asked about on each head.
  const naming = new WeakMap<PendingTx, boolean>();
  let head = 0n;

  // What was allowed before the watch began is taken without a call of ours.
  const isNaming = ({ topics }: CallFrame["logs"][number]) =>
    topics.slice(1).some((topic) => topic.startsWith(noAddress) && us.has(addressOfWord(topic)));
  const isOurs = (address: Address) => us.has(address) || neighbours.has(address);

  function isNamingUs(tx: PendingTx): boolean {
    const known = naming.get(tx);
    if (known !== undefined) return known;
    const found = needles.some((needle) => tx.input.includes(needle));
    naming.set(tx, found);
    return found;
  }

  function reasonOf(tx: PendingTx): Near | undefined {
    const { to } = tx;
    if (to === null) return "creation";
    if (isOurs(to)) return "neighbour";
    if (isNamingUs(tx)) return "names-us";
    // A plain payment runs no code, unless to a contract.
    const made = madeAt.get(to);
    if (made !== undefined && head - made <= youngBlocks) return "young";
    return (elsewhere.get(to)?.size ?? 0) < callsToBeKnown ? "unknown" : undefined;
  }

  function learn(trace: CallFrame): void {
    for (const { parent, context, reverted } of walk(trace)) {
      // The sender of a transaction is no contract: it is not called.
      if (parent === undefined || reverted) continue;
      if (us.has(context) && !us.has(parent.context)) meet(parent.context);
      if (us.has(parent.context) && !us.has(context)) meet(context);
    }
  }

  /** Whoever was not met for the longest makes room: strangers who come once by the thousand may not shut out who comes after them. */
  function meet(neighbour: Address): void {
    neighbours.delete(neighbour);
    neighbours.add(neighbour);
    if (neighbours.size > mostNeighbours) neighbours.delete(neighbours.values().next().value!);
  }

  return {
    reasonOf,
    isFar: (tx) => naming.has(tx) && reasonOf(tx) === undefined,
    isTouched: (trace) =>
      walk(trace).some(({ context, frame, reverted }) => isOurs(context) || (!reverted && frame.logs.some(isNaming))),
    observe({ ref, traces = [] }) {
      head = ref.number;
      for (const trace of traces) {
        learn(trace);
        for (const contract of createdIn(trace)) madeAt.set(contract, ref.number);
      }
      for (const [contract, made] of madeAt) {
        // In order of their making: the first that is young ends it.
        if (head - made <= youngBlocks && madeAt.size <= mostMade) break;
        madeAt.delete(contract);
      }
    },
    wentElsewhere(to, tx) {
      const calls = elsewhere.get(to) ?? new Set();
      elsewhere.delete(to);
      elsewhere.set(to, calls.size < callsToBeKnown ? new Set(calls).add(tx) : calls);
      if (elsewhere.size > strangersMax) elsewhere.delete(elsewhere.keys().next().value!);
    },
  };
}
