// The one who gets signed bytes before everybody (RESP-12). It is a stranger: it may refuse, hang, lie, or keep what it was given.

import { type RelayMethod, relayKeepsBlocks, sendPrivately } from "@testudo/chain/act/sendPrivately";
import { RpcRefused, RpcUnreachable } from "@testudo/chain/rpc/RpcError";
import { openCleaner } from "@testudo/chain/rpc/redactUrl";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { Hex } from "@testudo/core/model/Hex";
import type { RelayTerms } from "@testudo/core/model/Policy";
import { isNodes } from "../askNodes.ts";
import { isNotTaken } from "./isNotTaken.ts";

/** How a relay is reached. `header.value` is a secret, and the URL may hold one. */
export interface RelayAccess {
  readonly url: string;
  readonly method: RelayMethod;
  readonly header?: { readonly name: string; readonly value: string };
}

/** What became of an offer. `unanswered`: it may have the bytes. `unreached` and `refused`: it has them not, by all we know. */
export type RelayAnswer =
  | { readonly kind: "taken" }
  | { readonly kind: "unanswered" | "unreached" | "refused"; readonly why: string };

/** The relay of a policy. */
export interface Relay {
  readonly terms: RelayTerms;
  /** Offers bytes, once a block where they are taken. Never throws; what goes wrong is told. */
  offer(bytes: { readonly hash: Hex; readonly raw: Hex }, height: bigint): Promise<RelayAnswer>;
  close(): void;
}

export interface RelayOptions {
  readonly terms: RelayTerms;
  readonly access: RelayAccess;
  readonly tell: (trouble: StreamTrouble) => void;
  readonly signal: AbortSignal;
}

/** A relay that hangs must not hold back the look for a receipt, nor a higher fee. */
export const relayTimeoutMs = 3_000;

/** Opens the relay at `access`. Connects with the first offer. Throws `UrlRefused`. */
export function openRelay({ terms, access, tell, signal }: RelayOptions): Relay {
  const { url, method, header } = access;
  const headers = header && { [header.name.toLowerCase()]: header.value };
  const label = `relay ${terms.name}`;
  const maxBytes = 1024 * 1024;
  const endpoint = openEndpoint(url, { label, timeoutMs: relayTimeoutMs, maxBytes, ...(headers ? { headers } : {}) });
  const clean = cleaner(access);
  const takenAt = new Map<Hex, bigint>();
  const flights = new Map<Hex, Promise<RelayAnswer>>();
  let tooLow: { readonly hash: Hex; readonly height: bigint } | undefined;
  let isFailing = false;

  const note = (answer: RelayAnswer): void => {
    if (signal.aborted || isFailing === (answer.kind !== "taken")) return;
    isFailing = answer.kind !== "taken";
    tell(answer.kind === "taken" ? recovered(label) : failed(label, terms, answer.why));
  };
  const send = async ({ hash, raw }: { readonly hash: Hex; readonly raw: Hex }, height: bigint) => {
    let answer: RelayAnswer;
    try {
      const result = await sendPrivately(endpoint, method, raw, height + relayKeepsBlocks);
      answer = result === "nonce-too-low" ? { kind: "refused", why: usedNonce } : taken;
    } catch (error) {
      answer = answerOf(error, clean);
    }
    if (answer.kind === "taken") takenAt.set(hash, height);
    // It may know of a block that the nodes do not show yet; by the next one they do.
    const isUsed = answer.kind === "refused" && answer.why === usedNonce;
    if (isUsed && !(tooLow?.hash === hash && tooLow.height < height)) tooLow = { hash, height };
    else note(answer);
    return answer;
  };
  return {
    terms,
    async offer(bytes, height) {
      if (takenAt.get(bytes.hash) === height) return taken;
      const flight = flights.get(bytes.hash) ?? send(bytes, height).finally(() => flights.delete(bytes.hash));
      flights.set(bytes.hash, flight);
      return flight;
    },
    close: () => endpoint.close(),
  };
}

const taken: RelayAnswer = { kind: "taken" };
const usedNonce = "it says that the nonce is used";

function answerOf(error: unknown, clean: (text: string) => string): RelayAnswer {
  if (error instanceof RpcRefused) return { kind: "refused", why: clean(`it says ${JSON.stringify(error.said)}`) };
  if (error instanceof RpcUnreachable)
    return { kind: isNotTaken(error) ? "unreached" : "unanswered", why: clean(error.reason) };
  // What our own client throws is no word of the relay, and may come after the bytes have left.
  const why = firstLineOf(error);
  return { kind: "unanswered", why: clean(isNodes(error) ? why : `our request failed: ${why}`) };
}

function failed(endpoint: string, { publicAfterBlocks: blocks }: RelayTerms, why: string): StreamTrouble {
  const next =
    blocks === "never"
      ? "The policy forbids the public nodes: nobody else is given it."
      : `The public nodes are given it ${blocks} block${blocks === 1 ? "" : "s"} after the first offer, and no sooner.`;
  const message = `The private ${endpoint} did not take a signed transaction: ${why.replace(/\.$/, "")}. ${next}`;
  return { kind: "trouble", trouble: "relay-failed", endpoint, message };
}

function recovered(endpoint: string): StreamTrouble {
  const message = `The private ${endpoint} takes transactions again.`;
  return { kind: "trouble", trouble: "recovered", over: "relay-failed", endpoint, message };
}

// A relay may repeat what it was sent, and what it says goes into alerts: no key, and no bytes that anybody could send.
function cleaner({ url, header }: RelayAccess): (text: string) => string {
  const clean = openCleaner(url, header ? [header.value] : []);
  return (text) =>
    clean(text)
      .replace(/[0-9a-f]{65,}/gi, "…")
      .slice(0, 500);
}
