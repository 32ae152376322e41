import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { EndpointPool, Member } from "../nodes/EndpointPool.ts";
import type { Endpoint, RpcAnswer, RpcCall } from "../rpc/rpcEndpoint.ts";
import { sleep } from "../rpc/sleep.ts";
import { parseBlock } from "../wire/parseBlock.ts";
import type { HeadHints } from "./HeadHints.ts";

const headCall = (tag: string): RpcCall => ({ method: "eth_getBlockByNumber", params: [tag, false] });

export interface FollowOptions {
  readonly pool: EndpointPool;
  readonly pollMs: number;
  /** How often the `safe` and `finalized` tags are asked for. */
  readonly finalityMs: number;
  readonly maxBackoffMs: number;
  /** How long an endpoint may take to tell its head. */
  readonly timeoutMs: number;
  /** What sockets say, so that an endpoint is asked sooner or more seldom. */
  readonly hints: HeadHints;
  /** Whether a question to this endpoint costs something, so that it is worth saving. */
  readonly isMetered: (endpoint: Endpoint) => boolean;
  readonly signal: AbortSignal;
  /** Told after each change of a head, or of finality. */
  readonly onChange: (member: Member) => void;
}

// However many hints come, an endpoint is asked this often at most; it doubles while a hint brings nothing new.
const HINT_GAP_MS = 50;
// Three headers, and of the fullest blocks the hashes of their transactions are a megabyte. It is asked for all the time: whoever could
// fill it would keep this process reading.
const HEAD_BYTES = 16 * 1024 * 1024;

/**
 * Asks every endpoint for its head, each at its own pace so that a slow one delays no other, until `signal`.
 * Failures go to the pool; a dead endpoint is asked ever less often, down to once in `maxBackoffMs`,
 * and no hint hurries that.
 */
export async function followHeads(options: FollowOptions): Promise<void> {
  await Promise.all(options.pool.members.map((member) => follow(member, options)));
}

async function follow(member: Member, options: FollowOptions): Promise<void> {
  const { pool, signal, hints, pollMs } = options;
  const leastMs = Math.min(HINT_GAP_MS, pollMs);
  let backoffMs = pollMs;
  let gapMs = leastMs;
  let finalityAtMs = 0;
  while (!signal.aborted) {
    // Not by the machine's clock: one that is set back by an hour meanwhile would have this one rest for as long.
    const askedAtMs = performance.now();
    const heard = hints.wakes;
    const before = member.head?.hash;
    try {
      const isDue = askedAtMs >= finalityAtMs;
      if (isDue) finalityAtMs = askedAtMs + options.finalityMs;
      if (await poll(member, options, isDue)) options.onChange(member);
      backoffMs = pollMs;
    } catch (error) {
      if (signal.aborted) return;
      pool.failed(member, error, "head");
      finalityAtMs = 0;
      backoffMs = Math.min(options.maxBackoffMs, Math.max(backoffMs, 25) * 2);
      await sleep(backoffMs, signal);
      continue;
    }
    if (member.head?.hash !== before) gapMs = leastMs;
    const isWanted = hints.isWanted(member.head?.number);
    const isWoken = await hints.doze(heard, isWanted ? gapMs : restOf(member, options), signal);
    if (isWanted) gapMs = Math.min(pollMs, gapMs * 2);
    if (isWoken) await sleep(Math.max(0, askedAtMs + leastMs - performance.now()), signal);
  }
}

// Whoever is behind another is not left alone: the quorum may wait for it.
function restOf({ endpoint, head }: Member, { pool, hints, pollMs, isMetered }: FollowOptions): number {
  const isBehind = pool.members.some((other) => other.head !== undefined && other.head.number > (head?.number ?? -1n));
  return isMetered(endpoint) && !isBehind ? hints.restMs() : pollMs;
}

async function poll(member: Member, { pool, timeoutMs }: FollowOptions, withFinality: boolean): Promise<boolean> {
  const tags = withFinality ? ["latest", "safe", "finalized"] : ["latest"];
  const [latest, safe, finalized] = await member.endpoint.batch(tags.map(headCall), {
    timeoutMs,
    maxBytes: HEAD_BYTES,
  });
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
