// Who gets signed bytes. Without a relay the nodes; with one the relay first, and the nodes once the policy's blocks have passed
// (RESP-12). This is the only place from which an action's bytes leave.

import type { FlagReading } from "@testudo/chain/readFlag";
import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import { type BroadcastResult, broadcast, placeOf } from "@testudo/chain/sendAction";
import type { SendWay } from "@testudo/core/model/ActionStatus";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { SwitchState } from "../operator/switch.ts";
import type { StoredTransaction } from "../store/leaseNonce.ts";
import { noteOffer, notePublic, type Ways } from "../store/noteWay.ts";
import type { Store } from "../store/Store.ts";
import { askAll, isNodes, medianDown } from "./askNodes.ts";
import type { Relay, RelayAnswer } from "./Relay.ts";

/** What giving bytes out needs. */
export interface GiveOptions {
  readonly store: Store;
  readonly endpoints: readonly Endpoint[];
  /** Read right before each broadcast; what cannot be read counts as killed (RESP-07). */
  readonly readSwitch: () => SwitchState;
  /** The switch on the chain, where the policy names one; read right before each broadcast too. */
  readonly readFlag?: () => Promise<FlagReading>;
  /** The newest block that was judged: a node that lags must not have the count begin early. */
  readonly head: () => BlockRef | undefined;
  /** Left out: bytes go to the nodes. */
  readonly relay?: Relay;
}

/** What became of the bytes. `held`: a switch is not on armed, `unread`: the one on the chain cannot be read; they did not leave. */
export type Given =
  | Halt
  | { readonly kind: "nonce-too-low" }
  /** The relay has them not, and nobody else may have them. */
  | { readonly kind: "refused"; readonly why: string; readonly isByWord: boolean }
  /** `isRefused`: most nodes refused what another says that it took. */
  | {
      readonly kind: "out";
      readonly isKnown: boolean;
      readonly isRefused?: boolean;
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
export async function giveOut(options: GiveOptions, tx: StoredTransaction): Promise<Given> {
  const { relay, store, endpoints } = options;
  const halt = await haltOf(options);
  if (halt !== undefined) return halt;
  if (relay === undefined) return outOf(await broadcastTo(endpoints, tx.raw));
  const { height, mined } = await placeOfMost(endpoints, tx.sender);
  // The relay alone is no witness that a nonce is used.
  if (mined > tx.nonce) return { kind: "nonce-too-low" };
  const judged = options.head()?.number ?? 0n;
  const ways = await noteOffer(store, tx, judged > height ? judged : height);
  // All this has taken its time; the switch counts as it stands now.
  const haltNow = await haltOf(options);
  if (haltNow !== undefined) return haltNow;
  if (!isPublicBy(relay, ways, height)) return privatelyOut(relay, tx, height, await relay.offer(tx, height));
  // The relay is not waited for: it may hang, and by now it is one of several.
  void relay.offer(tx, height);
  const result = await broadcastTo(endpoints, tx.raw);
  await notePublic(store, tx.hash, height);
  const note = `also to the public nodes, ${height - ways.firstBlock} blocks after ${relay.terms.name} was offered it first`;
  return outOf(result, { way: "public", block: height, note });
}

// What everybody has seen stays public, also where a reorg has made the chain shorter; "never" holds whatever was before.
function isPublicBy({ terms: { publicAfterBlocks } }: Relay, { firstBlock, isPublic }: Ways, height: bigint): boolean {
  return publicAfterBlocks !== "never" && (isPublic || height - firstBlock >= BigInt(publicAfterBlocks));
}

interface Broadcasted {
  readonly result: BroadcastResult;
  readonly isRefused: boolean;
}

const taken: Broadcasted = { result: "sent", isRefused: false };

function privatelyOut(relay: Relay, { state }: StoredTransaction, block: bigint, answer: RelayAnswer): Given {
  const { name } = relay.terms;
  if (answer.kind === "taken")
    return outOf(taken, { way: "relay", block, note: `to the private relay ${name} and nobody else` });
  // It took them before, so that they are out, whatever it says now.
  if (answer.kind === "unanswered" || state === "sent")
    return outOf(taken, { way: "relay", block, note: `offered to the private relay ${name}, which may have it` });
  return { kind: "refused", why: answer.why, isByWord: answer.kind === "refused" };
}

function outOf({ result, isRefused }: Broadcasted, told?: PrivateNote): Given {
  if (result === "nonce-too-low") return { kind: "nonce-too-low" };
  return { kind: "out", isKnown: result === "already-known", isRefused, ...(told ? { private: told } : {}) };
}

/** Why nothing may leave now; undefined where it may. The switch on this machine is read last: it is there at once. */
export async function haltOf({
  readSwitch,
  readFlag,
}: Pick<GiveOptions, "readSwitch" | "readFlag">): Promise<Halt | undefined> {
  const flag = await readFlag?.();
  if (readSwitch().mode !== "armed" || flag?.state === "on") return { kind: "held" };
  return flag?.state === "unread" ? { kind: "unread", why: flag.why } : undefined;
}

/** The block that more than half of the nodes have reached, and so for the number of `sender`'s transactions in the chain. */
async function placeOfMost(endpoints: readonly Endpoint[], sender: Address) {
  const places = await askAll(endpoints, (endpoint) => placeOf(endpoint, sender));
  return {
    height: medianDown(places.map(({ height }) => height)),
    mined: medianDown(places.map(({ mined }) => mined)),
  };
}

/**
 * Gives `raw` to every node: one that is cut off from the others may take it and keep it to itself. That its nonce is used
 * has to be the word of most that answer. Throws a node's refusal when none takes it.
 */
async function broadcastTo(endpoints: readonly Endpoint[], raw: Hex): Promise<Broadcasted> {
  const answers = await askAll(endpoints, (endpoint) =>
    broadcast(endpoint, raw).catch((error: unknown) => {
      if (isNodes(error) && error.name === "RpcRefused") return error;
      throw error;
    }),
  );
  const known = answers.find((answer) => answer === "sent") ?? answers.find((answer) => answer === "already-known");
  const refusals = answers.filter((answer) => answer instanceof Error);
  if (known !== undefined) return { result: known as BroadcastResult, isRefused: refusals.length * 2 > answers.length };
  if (refusals.length * 2 >= answers.length) throw refusals[0];
  return { result: "nonce-too-low", isRefused: false };
}
