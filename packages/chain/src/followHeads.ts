import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { EndpointPool, Member } from "./EndpointPool.ts";
import { parseBlock } from "./parseBlock.ts";
import type { RpcAnswer, RpcCall } from "./rpcEndpoint.ts";
import { sleep } from "./sleep.ts";

const headCall = (tag: string): RpcCall => ({ method: "eth_getBlockByNumber", params: [tag, false] });

export interface FollowOptions {
  readonly pool: EndpointPool;
  readonly pollMs: number;
  /** How often the `safe` and `finalized` tags are asked for. */
  readonly finalityMs: number;
  readonly maxBackoffMs: number;
  /** How long an endpoint may take to tell its head. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told after each change of a head, or of finality. */
  readonly onChange: (member: Member) => void;
}

/**
 * Asks every endpoint for its head, each at its own pace so that a slow one delays no other, until `signal`.
 * Failures go to the pool; a dead endpoint is asked ever less often, down to once in `maxBackoffMs`.
 */
export async function followHeads(options: FollowOptions): Promise<void> {
  await Promise.all(options.pool.members.map((member) => follow(member, options)));
}

async function follow(member: Member, options: FollowOptions): Promise<void> {
  const { pool, signal } = options;
  let wait = options.pollMs;
  let finalityAtMs = 0;
  while (!signal.aborted) {
    try {
      const isDue = Date.now() >= finalityAtMs;
      if (isDue) finalityAtMs = Date.now() + options.finalityMs;
      if (await poll(member, options, isDue)) options.onChange(member);
      wait = options.pollMs;
    } catch (error) {
      if (signal.aborted) return;
      pool.failed(member, error);
      finalityAtMs = 0;
      wait = Math.min(options.maxBackoffMs, Math.max(wait, 25) * 2);
    }
    await sleep(wait, signal);
  }
}

async function poll(member: Member, { pool, timeoutMs }: FollowOptions, withFinality: boolean): Promise<boolean> {
  const tags = withFinality ? ["latest", "safe", "finalized"] : ["latest"];
  const [latest, safe, finalized] = await member.endpoint.batch(tags.map(headCall), { timeoutMs });
  const head = readHead(member, latest!);
  const before = member.head?.hash;
  const wasDown = member.retryAtMs > 0;
  pool.seeHead(member, head);
  if (withFinality) {
    // Not every node knows these tags; without them finality is a matter of depth.
    const safeRef = readTag(member, safe);
    const finalizedRef = readTag(member, finalized);
    if (safeRef !== undefined) member.safe = safeRef;
    if (finalizedRef !== undefined) member.finalized = finalizedRef;
  }
  return withFinality || wasDown || before !== head.hash;
}

function readHead(member: Member, answer: RpcAnswer): BlockRef {
  if (!answer.ok) throw answer.error;
  const block = parseBlock(answer.result, { method: "eth_getBlockByNumber", endpoint: member.endpoint.label });
  if (block === null) throw new HeadMissing(member.endpoint.label);
  return block.ref;
}

function readTag(member: Member, answer: RpcAnswer | undefined): BlockRef | undefined {
  return answer?.ok === true && answer.result !== null ? readHead(member, answer) : undefined;
}

/** The endpoint says that it has no newest block. */
export class HeadMissing extends Error {
  override readonly name = "HeadMissing";
  constructor(endpoint: string) {
    super(
      [
        `Node ${endpoint} has no block "latest".`,
        "- A node that follows a chain always has one.",
        "- Let it finish its start, or use another.",
      ].join("\n"),
    );
  }
}
