// Who gets signed bytes. Without a relay the nodes; with one the relay first, and the nodes once the policy's blocks have passed
// (RESP-12). This is the only place from which an action's bytes leave.

import { broadcast, placeOf } from "@testudo/chain/act/sendAction";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { FlagReading } from "@testudo/chain/state/readFlag";
import type { SendWay } from "@testudo/core/model/ActionStatus";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { SwitchState } from "../../operator/switch.ts";
import type { StoredTransaction } from "../../store/leaseNonce.ts";
import { hasLeft, noteKept, noteLeaving } from "../../store/noteLeaving.ts";
import { noteOffer, notePublic, type Ways } from "../../store/noteWay.ts";
import type { Store } from "../../store/Store.ts";
import type { TransactionState } from "../../store/Tables.ts";
import { askAll, isNodes, medianDown } from "../askNodes.ts";
import { isNotTaken } from "./isNotTaken.ts";
import type { Relay, RelayAnswer } from "./Relay.ts";

/** What giving bytes out needs. */
export interface GiveOptions {
  readonly store: Store;
  readonly endpoints: readonly Endpoint[];
  /** Fired, nothing leaves any more. */
  readonly signal: AbortSignal;
  /** Read right before each broadcast; what cannot be read counts as killed (RESP-07). */
  readonly readSwitch: () => SwitchState;
  /** The switch on the chain, where the policy names one; read right before each broadcast too. */
  readonly readFlag?: () => Promise<FlagReading>;
  /** The newest block that was judged: a node that lags must not have the count begin early. */
  readonly head: () => BlockRef | undefined;
  /** Left out: bytes go to the nodes. */
  readonly relay?: Relay;
}

/**
 * What became of the bytes. `held`: a switch is not on armed, or whose they are has ended; `unread`: the one on the chain cannot be
 * read; they did not leave.
 */
export type Given =
  | Halt
  /** `isByMost`: more than half of all nodes say so, those among them that say nothing. */
  | { readonly kind: "nonce-too-low"; readonly isByMost: boolean }
  /** The relay has them not, and nobody else may have them. */
  | { readonly kind: "refused"; readonly why: string; readonly isByWord: boolean }
  /** `refusedBy`: whether most nodes refused what another says that it took, or as many. */
  | {
      readonly kind: "out";
      readonly isKnown: boolean;
      readonly refusedBy?: "most" | "half";
      readonly private?: PrivateNote;
    };

/** Which way they went, as it was decided on the newest block. */
export interface PrivateNote {
  readonly way: SendWay;
  readonly block: bigint;
  readonly note: string;
}

export type Halt = { readonly kind: "held" } | { readonly kind: "unread"; readonly why: string };

/** Gives `tx`, which is stored, to whom it may go to by now. Throws what nodes throw, and a node's refusal when none takes it. */
export function giveOut(options: GiveOptions, tx: StoredTransaction): Promise<Given> {
  return give(options, tx, noteLeaving);
}

/** Gives `tx` once more where it has left already, and is held otherwise. Throws as `giveOut` does. */
export async function remind(options: GiveOptions, tx: StoredTransaction): Promise<Given> {
  const noteAgain: Note = async (store, hash) => ((await hasLeft(store, hash)) ? "sent" : undefined);
  // A look alone asks no node, and begins no count of blocks.
  if ((await noteAgain(options.store, tx.hash)) === undefined) return { kind: "held" };
  // Several that wait behind the same bytes would wait for each other's reminders too.
  const flight = lines.get(options.store)?.get(tx.hash);
  if (flight !== undefined) return flight;
  return give(options, tx, noteAgain);
}

async function give(options: GiveOptions, tx: StoredTransaction, note: Note): Promise<Given> {
  const { relay, store, endpoints } = options;
  if (relay === undefined) return leave(options, tx, note, (has) => broadcastTo(endpoints, tx.raw, has));
  const halt = await haltOf(options);
  if (halt !== undefined) return halt;
  const { height, mined, isUsed } = await placeOfMost(endpoints, tx);
  // The relay alone is no witness that a nonce is used.
  if (mined > tx.nonce) return { kind: "nonce-too-low", isByMost: isUsed };
  const judged = options.head()?.number ?? 0n;
  const ways = await noteOffer(store, tx, judged > height ? judged : height);
  return leave(options, tx, note, async (has, before) => {
    has.add(relay);
    if (!isPublicBy(relay, ways, height)) {
      const given = privatelyOut(relay, before, height, await relay.offer(tx, height));
      if (given.kind === "refused") has.delete(relay);
      return given;
    }
    // The relay is not waited for: it may hang, and by now it is one of several.
    void relay.offer(tx, height);
    const result = await broadcastTo(endpoints, tx.raw, has);
    await notePublic(store, tx.hash, height);
    const told = `also to the public nodes, ${height - ways.firstBlock} blocks after ${relay.terms.name} was offered it first`;
    return result.kind === "out" ? { ...result, private: { way: "public", block: height, note: told } } : result;
  });
}

/** Who may have bytes, for all that is known. */
type Having = Set<Endpoint | Relay>;
/** Notes that bytes are about to leave: what they were before, undefined where they may not. */
type Note = (store: Store, hash: Hex) => Promise<TransactionState | undefined>;
type Give = (has: Having, before: TransactionState) => Promise<Given>;

// Two that give the same bytes out at a time would each note what the other has not seen.
const lines = new WeakMap<Store, Map<Hex, Promise<Given>>>();

/** Has `way` give `tx` out, of which it is known on disk before that it may be with somebody, and afterwards where nobody has it. */
function leave(options: GiveOptions, { hash }: StoredTransaction, note: Note, way: Give): Promise<Given> {
  const line = lines.get(options.store) ?? new Map<Hex, Promise<Given>>();
  lines.set(options.store, line);
  const before = line.get(hash)?.catch(() => {}) ?? Promise.resolve();
  const given = before
    .then(() => leaveNow(options, hash, note, way))
    .finally(() => {
      if (line.get(hash) === given) line.delete(hash);
    });
  line.set(hash, given);
  return given;
}

async function leaveNow(options: GiveOptions, hash: Hex, note: Note, way: Give): Promise<Given> {
  const before = await note(options.store, hash);
  // Its action has ended.
  if (before === undefined || before === "lost") return { kind: "held" };
  const has: Having = new Set();
  try {
    // All this has taken its time; the switch counts as it stands now.
    return (await haltOf(options)) ?? (await way(has, before));
  } finally {
    if (before === "stored" && has.size === 0) await noteKept(options.store, hash);
  }
}

// What everybody has seen stays public, also where a reorg has made the chain shorter; "never" holds whatever was before.
function isPublicBy({ terms: { publicAfterBlocks } }: Relay, { firstBlock, isPublic }: Ways, height: bigint): boolean {
  return publicAfterBlocks !== "never" && (isPublic || height - firstBlock >= BigInt(publicAfterBlocks));
}

type Out = Extract<Given, { readonly kind: "out" }>;
type Broadcasted = Out | Extract<Given, { readonly kind: "nonce-too-low" }>;

const taken: Out = { kind: "out", isKnown: false };

function privatelyOut(relay: Relay, before: TransactionState, block: bigint, answer: RelayAnswer): Given {
  const { name } = relay.terms;
  if (answer.kind === "taken")
    return { ...taken, private: { way: "relay", block, note: `to the private relay ${name} and nobody else` } };
  // It took them before, so that they are out, whatever it says now.
  if (answer.kind === "unanswered" || before === "sent")
    return {
      ...taken,
      private: { way: "relay", block, note: `offered to the private relay ${name}, which may have it` },
    };
  return { kind: "refused", why: answer.why, isByWord: answer.kind === "refused" };
}

/** Why nothing may leave now; undefined where it may. The switch on this machine is read last: it is there at once. */
export async function haltOf({
  readSwitch,
  readFlag,
  signal,
}: Pick<GiveOptions, "readSwitch" | "readFlag" | "signal">): Promise<Halt | undefined> {
  const flag = await readFlag?.();
  if (signal.aborted || readSwitch().mode !== "armed" || flag?.state === "on") return { kind: "held" };
  return flag?.state === "unread" ? { kind: "unread", why: flag.why } : undefined;
}

/**
 * The block that more than half of the nodes have reached, and so for the number of the sender's transactions in the chain; and whether
 * more than half of all nodes have `nonce` used.
 */
async function placeOfMost(endpoints: readonly Endpoint[], { sender, nonce }: StoredTransaction) {
  const places = await askAll(endpoints, (endpoint) => placeOf(endpoint, sender));
  return {
    height: medianDown(places.map(({ height }) => height)),
    mined: medianDown(places.map(({ mined }) => mined)),
    isUsed: places.filter(({ mined }) => mined > nonce).length * 2 > endpoints.length,
  };
}

/**
 * Gives `raw` to every node: one that is cut off from the others may take it and keep it to itself. That its nonce is used
 * has to be the word of most that answer. Throws a node's refusal when none takes it. Who may have it then is in `has`.
 */
async function broadcastTo(endpoints: readonly Endpoint[], raw: Hex, has: Having): Promise<Broadcasted> {
  // Who is late, or cut off in the middle, may have taken it.
  for (const endpoint of endpoints) has.add(endpoint);
  const answers = await askAll(endpoints, async (endpoint) => {
    try {
      const result = await broadcast(endpoint, raw);
      if (result === "nonce-too-low") has.delete(endpoint);
      return result;
    } catch (error) {
      if (isNotTaken(error)) has.delete(endpoint);
      if (isNodes(error) && error.name === "RpcRefused") return error;
      throw error;
    }
  });
  const isKnown = !answers.includes("sent");
  const refusals = answers.filter((answer) => answer instanceof Error);
  const twice = refusals.length * 2;
  if (!isKnown || answers.includes("already-known")) {
    const refusedBy = twice > answers.length ? "most" : twice === answers.length ? "half" : undefined;
    return { kind: "out", isKnown, ...(refusedBy ? { refusedBy } : {}) };
  }
  if (twice >= answers.length) throw refusals[0];
  // Where others are away, who is left is not to say alone that nothing can come of it.
  return { kind: "nonce-too-low", isByMost: (answers.length - refusals.length) * 2 > endpoints.length };
}
