// Watches over nodes that are made up, some of which lie, hang, or are late.
import type { BlockRef, Scope } from "@testudo/core/model/BlockBundle";
import type { Disputed } from "../nodes/Dispute.ts";
import { openEndpoint } from "../rpc/rpcEndpoint.ts";
import { type Recording, record } from "./collect.testkit.ts";
import type { FakeChain } from "./fakeChain.testkit.ts";
import { type FaultyNode, serveCalls, type WireAnswer, type WireCall } from "./faultyNode.testkit.ts";

const closers: (() => unknown)[] = [];

/** Ends all watches and their nodes. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

/** What a node shows. */
export interface Shown extends Pick<FakeChain, "blocks"> {
  answer(call: WireCall): WireAnswer | Promise<WireAnswer>;
}

/** How a watch begins, and what is asked of its nodes. */
export interface Bounds {
  /** Null: nothing came before. */
  readonly from?: null | undefined;
  readonly timeoutMs?: number;
  readonly scopes?: readonly Scope[];
}

/** A watch over a node of each chain, in their order, that has taken what they had in common. A node goes over to what is put in its place. */
export async function watch(chains: Record<string, Shown>, { from, timeoutMs = 10_000, scopes = ["L"] }: Bounds = {}) {
  const endpoints = [];
  const nodes = new Map<string, FaultyNode>();
  for (const label of Object.keys(chains)) {
    const node = await serveCalls((call) => chains[label]!.answer(call));
    const endpoint = openEndpoint(node.url, { label, timeoutMs });
    closers.push(node.close, endpoint.close);
    nodes.set(label, node);
    endpoints.push(endpoint);
  }
  const disputed: (string | undefined)[] = [];
  const [first] = Object.values(chains);
  const recording: Recording = record({
    ...{ endpoints, scopes, from: from === null ? null : first!.blocks[0]!, blockTimeMs: 200 },
    onDisputed: (told: Disputed | undefined) =>
      void disputed.push(
        told &&
          [told.taken, ...told.others]
            .map(({ ref, endpoints: by }) => `${by.map(({ label }) => label).join()} ${ref.number}`)
            .join(" / "),
      ),
  });
  closers.push(() => recording.stop());
  if (from === undefined) await recording.until(({ known }) => known.at(-1)?.hash === first!.blocks.at(-1)?.hash);
  return { recording, disputed, nodes };
}

/** `chain` with a head that is claimed to have `number`. */
export function claimsHead(chain: FakeChain, number: bigint): FakeChain {
  const head = { ...chain.blocks.at(-1)!, number };
  return {
    ...chain,
    answer: (call) =>
      call.params[0] === "latest" ? { ...chain.answer(call), result: describeRef(head) } : chain.answer(call),
  };
}

/** Whether a block is asked for by its number. */
export function isNumber({ method, params: [first] }: WireCall): boolean {
  return method === "eth_getBlockByNumber" && /^0x/.test(first as string);
}

/** What `chain` answers, `ms` later where it is asked for what `isMeant`. */
export function lateBy(ms: number, chain: FakeChain, isMeant: (call: WireCall) => boolean) {
  return async (call: WireCall): Promise<WireAnswer> => {
    if (isMeant(call)) await new Promise((resolve) => setTimeout(resolve, ms));
    return chain.answer(call);
  };
}

/** Whether the newest safe or final block is asked for. */
export function isTag({ params: [first] }: WireCall): boolean {
  return first === "safe" || first === "finalized";
}

/** The answer that names `ref`, without transactions. */
export function describeTag({ id }: WireCall, ref: BlockRef): WireAnswer {
  return { jsonrpc: "2.0", id, result: describeRef(ref) };
}

/** Whether the newest block is asked for. */
export function isLatest({ params: [first] }: WireCall): boolean {
  return first === "latest";
}

/** A block without transactions, as a node answers it. */
export function describeRef({ number, hash, parentHash, timestamp }: BlockRef) {
  const quantity = (value: bigint) => `0x${value.toString(16)}`;
  const logsBloom = `0x${"00".repeat(256)}`;
  return { number: quantity(number), timestamp: quantity(timestamp), hash, parentHash, logsBloom, transactions: [] };
}
