// The nodes of one other chain. Whoever asks judges a block of its own chain meanwhile: a node that hangs makes that block
// late once, and is then tried beside the blocks until it answers again. No answer of a node is taken before it has told, in
// the same breath, that it is of the chain that is asked for.
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { within } from "../rpc/within.ts";
import { parseBlock } from "../wire/parseBlock.ts";
import { toBigint } from "../wire/parseField.ts";
import { openStateReader, type StateReader } from "./readState.ts";

export type RemoteRead = Extract<StateRead, { kind: "remote" }>;

export interface RemoteChainOptions {
  readonly chainId: number;
  readonly endpoints: readonly Endpoint[];
  /** For one round of questions, over all nodes together. */
  readonly limitMs: number;
  /** How long a node that did not answer in time is left alone, and how long one may fail before that is told. */
  readonly restMs: number;
  /** How long a node may name the same newest block while another has a newer one. */
  readonly stillMs: number;
  readonly tell: (trouble: StreamTrouble) => void;
}

/** What stands on another chain now. */
export interface RemoteChain {
  /** The answers to `reads`, in their order, at the newest block of the first node that answers. Never throws. */
  read(reads: readonly RemoteRead[]): Promise<readonly StateAnswer[]>;
}

interface RemoteNode {
  readonly endpoint: Endpoint;
  readonly reader: StateReader;
  /** Until when it is left alone; undefined while it is asked. */
  restsUntilMs?: number | undefined;
  isTried: boolean;
  failsSinceMs?: number | undefined;
  isTold: boolean;
  /** Its newest block when it was last asked, and since when that has been its newest. */
  newest?: { readonly number: bigint; readonly sinceMs: number };
}

/** What asking one node came to. */
type Outcome =
  | { readonly kind: "answered"; readonly answers: readonly StateAnswer[] }
  /** No answer in time, none but a late refusal, or those of another chain: asking on would cost as much again. */
  | { readonly kind: "useless"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string };

/** Opens `endpoints` as the nodes of `chainId`, asked in order. */
export function makeRemoteChain(options: RemoteChainOptions): RemoteChain {
  const { chainId, endpoints, limitMs, restMs, stillMs, tell } = options;
  const nodes = endpoints.map(
    (endpoint): RemoteNode => ({
      endpoint,
      reader: openStateReader([endpoint], { timeoutMs: limitMs }),
      isTried: false,
      isTold: false,
    }),
  );

  // As long as each fails within it, the last is asked in time.
  const shareMs = limitMs / 2 / nodes.length;

  /** The newest block of `node`, or why it is of no use. */
  async function lookAt(node: RemoteNode): Promise<{ readonly ref: BlockRef; readonly why?: string }> {
    const { ref, isOf } = await newestOf(node.endpoint, limitMs);
    if (isOf !== BigInt(chainId)) return { ref, why: `it is of chain ${isOf}` };
    if (node.newest?.number !== ref.number) node.newest = { number: ref.number, sinceMs: performance.now() };
    const ahead = nodes.find(({ newest }) => newest !== undefined && newest.number > ref.number);
    if (!isStill(node) || ahead === undefined) return { ref };
    return { ref, why: `it stands at block ${ref.number}, and ${ahead.endpoint.label} has ${ahead.newest!.number}` };
  }

  const isStill = ({ newest }: RemoteNode) => newest !== undefined && performance.now() - newest.sinceMs > stillMs;

  async function ask(node: RemoteNode, reads: readonly RemoteRead[]): Promise<Outcome> {
    try {
      const { ref, why } = await lookAt(node);
      if (why !== undefined) return { kind: "useless", why };
      // A chain may stand still as well. Whether it does the next block knows, and this one does not wait for it.
      if (isStill(node)) for (const other of nodes) if (other !== node) lookAt(other).catch(() => {});
      const calls = reads.map(({ to, data }): StateRead => ({ kind: "call", at: "block", to, data }));
      const answers = await node.reader.read(ref, calls);
      return { kind: "answered", answers: answers.map((answer) => (answer.ok ? { ...answer, ref } : answer)) };
    } catch (error) {
      return { kind: "failed", why: firstLineOf(error) };
    }
  }

  function note(node: RemoteNode, outcome: Outcome): void {
    const nowMs = performance.now();
    const endpoint = `chain ${chainId}, ${node.endpoint.label}`;
    if (outcome.kind === "answered") {
      const message = `The node ${node.endpoint.label} of chain ${chainId} answers again.`;
      if (node.isTold) tell({ kind: "trouble", trouble: "recovered", over: "remote-unread", endpoint, message });
      Object.assign(node, { restsUntilMs: undefined, failsSinceMs: undefined, isTold: false });
      return;
    }
    node.failsSinceMs ??= nowMs;
    if (outcome.kind === "useless") node.restsUntilMs = nowMs + restMs;
    // One refused connection is none to wake anybody for.
    if (node.isTold || (outcome.kind === "failed" && nowMs - node.failsSinceMs < restMs)) return;
    node.isTold = true;
    const message = `Of chain ${chainId} (\`remotes\`) the node ${node.endpoint.label} cannot be read: ${outcome.why}. Blocks here are judged without it meanwhile.`;
    tell({ kind: "trouble", trouble: "remote-unread", endpoint, message });
  }

  // With what is asked now: a node may tell its newest block and hang over a call.
  async function tryAgain(node: RemoteNode, reads: readonly RemoteRead[]): Promise<void> {
    node.isTried = true;
    note(node, (await within(limitMs, ask(node, reads))) ?? late);
    // Whoever hung may now refuse: it is asked with the others again once it has answered.
    if (node.restsUntilMs !== undefined) node.restsUntilMs = performance.now() + restMs;
    node.isTried = false;
  }

  return {
    async read(reads) {
      const startedMs = performance.now();
      for (const node of nodes)
        if (node.restsUntilMs !== undefined && node.restsUntilMs <= startedMs && !node.isTried)
          void tryAgain(node, reads);
      let why = `no node of chain ${chainId} answers`;
      for (const node of nodes) {
        if (node.restsUntilMs !== undefined) continue;
        const askedMs = performance.now();
        const leftMs = startedMs + limitMs - askedMs;
        // Who has next to no time left is not to rest for having been late: it is asked first with the next block.
        if (leftMs < limitMs / 2) break;
        const outcome = (await within(leftMs, ask(node, reads))) ?? late;
        // Who takes the time of those behind it, and fails then, would keep them from ever being asked.
        const isInTheWay = node !== nodes.at(-1) && performance.now() - askedMs > shareMs;
        note(node, outcome.kind === "failed" && isInTheWay ? { ...outcome, kind: "useless" } : outcome);
        if (outcome.kind === "answered") return outcome.answers;
        why = outcome.why;
      }
      return reads.map((): StateAnswer => ({ ok: false, error: `unavailable: ${why}` }));
    },
  };
}

const late: Outcome = { kind: "useless", why: "the other chain took too long" };

async function newestOf(
  { batch, label }: Endpoint,
  timeoutMs: number,
): Promise<{ readonly ref: BlockRef; readonly isOf: bigint }> {
  const calls = [
    { method: "eth_chainId", params: [] },
    { method: "eth_getBlockByNumber", params: ["latest", false] },
  ];
  const [isOf, newest] = (await batch(calls, { timeoutMs })).map((answer, i) => {
    if (!answer.ok) throw answer.error;
    return { result: answer.result, source: { method: calls[i]!.method, endpoint: label } };
  });
  const block = parseBlock(newest!.result, newest!.source);
  if (block === null) throw new Error(`the node ${label} has no newest block`);
  return { ref: block.ref, isOf: toBigint(isOf!.source, "result", isOf!.result) };
}
