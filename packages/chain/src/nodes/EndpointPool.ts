import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { PATIENCE_MS } from "../rpc/pollInTurn.ts";
import { RpcTimedOut, RpcUnreachable } from "../rpc/RpcError.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import type { TroubleBook } from "./TroubleBook.ts";

/** How far an endpoint's head may be behind the best before it is set aside (STREAM-14). */
const LAG_BLOCKS = 2n;
// An answer that does not fit may be due to a reorg between two questions; the third time it is the node's fault.
const STRIKES = 3;
const FIRST_BACKOFF_MS = 50;
// Who tells his head and hangs when he is asked for a block, or takes just not too long, is asked after all others for so long.
const HUNG_MS = 10 * 60_000;

/** What is known of one endpoint. */
export interface Member {
  readonly endpoint: Endpoint;
  head?: BlockRef;
  finalized?: BlockRef;
  safe?: BlockRef;
  strikes: number;
  /** Whether it did not answer when it was last asked for its head: the one that is known of it may be old. */
  isUnheard: boolean;
  /** The gravest of what its strikes were for. */
  struckBy: Asked | undefined;
  /** When a question about a block was first not answered in time, since it last answered one. */
  hungAtMs: number | undefined;
  /** When what a block holds was last given in time, or that of many was not, and it took longer than it may where others have it. */
  slowAtMs: number | undefined;
  /** Set aside after a failed question, until then; the wait doubles. */
  retryAtMs: number;
  backoffMs: number;
  lags: boolean;
  /** Since when its blocks are not those of the quorum. */
  disagreesSinceMs: number | undefined;
  disagreement: string;
  /** Whether another has shown that what it sent is none of a block's. What it offers is no reason to ask it before others, for good. */
  hasLied: boolean;
  /** The lowest block that it named with what its receipts come to: from there on all have that. */
  rootsFrom: bigint | undefined;
}

/** What an endpoint is asked for: its head, the header of a block, or what a block holds. */
export type Asked = (typeof gravity)[number];

const gravity = ["head", "header", "body"] as const;

/** The endpoints of a chain, who of them can be asked now, and what quorum is needed. */
export interface EndpointPool {
  readonly members: readonly Member[];
  readonly quorum: number;
  /**
   * Whether those without open trouble are too few for a quorum. The stream goes on with what is left, but nobody
   * confirms what it says, so no automatic action may follow.
   */
  isShort(): boolean;
  /** Whether `member` is told to be down, and has not told its head since: that it is behind is no other trouble. */
  isAway(member: Member): boolean;
  /** Who can be asked and has block `number`, best first. Those that lied come after them, and last those that disagree, to break ties. */
  candidates(number: bigint): Member[];
  /** The height that a quorum of the healthy has reached; undefined when none is healthy. */
  target(): bigint | undefined;
  /** The height that as many have reached as make a quorum, those that lag among them; undefined when nobody can be asked. */
  reached(): bigint | undefined;
  /** The newest block that a quorum of the healthy calls `tag`, those apart of whom what they call so is refused by `isTaken`. */
  final(tag: "safe" | "finalized", isTaken: (ref: BlockRef) => boolean): BlockRef | undefined;
  seeHead(member: Member, head: BlockRef): void;
  /** A question was answered well. */
  worked(member: Member): void;
  /** It named a block: enough to end what began with a head or header, not what began with a block's content. */
  voted(member: Member): void;
  /** It took `ms` to give what a block holds, or to fail to for many at once. */
  took(member: Member, ms: number): void;
  /** A question about `asked` failed; the endpoint is set aside for a while. */
  failed(member: Member, error: unknown, asked: Asked): void;
  /** Its block is not the quorum's. It is set aside until its head is a block of ours. */
  outvoted(member: Member, message: string): void;
  /**
   * Tells of the disagreements that have lasted longer than a block time; shorter ones are how reorgs travel. Those of as many as are with
   * us freeze.
   */
  tellDisagreement(blockTimeMs: number): void;
  agrees(member: Member): void;
}

export interface PoolOptions {
  readonly endpoints: readonly Endpoint[];
  readonly quorum: number;
  readonly troubles: TroubleBook;
  readonly maxBackoffMs: number;
}

/** Makes a pool. Throws `QuorumImpossible` when there are fewer endpoints than the quorum asks for. */
export function makePool({ endpoints, quorum, troubles, maxBackoffMs }: PoolOptions): EndpointPool {
  if (endpoints.length === 0 || quorum < 1 || quorum > endpoints.length)
    throw new QuorumImpossible(quorum, endpoints.length);
  const members = endpoints.map(
    (endpoint): Member => ({
      endpoint,
      strikes: 0,
      isUnheard: false,
      struckBy: undefined,
      hungAtMs: undefined,
      slowAtMs: undefined,
      retryAtMs: 0,
      backoffMs: FIRST_BACKOFF_MS,
      lags: false,
      disagreesSinceMs: undefined,
      disagreement: "",
      hasLied: false,
      rootsFrom: undefined,
    }),
  );
  const isUp = (m: Member) => m.retryAtMs <= performance.now() && m.head !== undefined;
  const healthy = () => members.filter((m) => isUp(m) && !m.lags && m.disagreesSinceMs === undefined);
  const isWell = (m: Member) =>
    !troubles.isOpen("endpoint-down", m.endpoint.label) && !m.lags && m.disagreesSinceMs === undefined;

  const isAway = (m: Member) => m.isUnheard && troubles.isOpen("endpoint-down", m.endpoint.label);

  /** Whose disagreement was told with a freeze. */
  const freezing = new Set<Member>();

  const isSlow = ({ slowAtMs }: Member) => slowAtMs !== undefined && performance.now() - slowAtMs <= HUNG_MS;

  /** The highest height that a quorum of `some` has reached, or all where they are fewer. */
  function heightOf(some: readonly Member[]): bigint | undefined {
    const heads = some.map((m) => m.head!.number).sort((a, b) => (a > b ? -1 : 1));
    return heads[Math.min(quorum, heads.length) - 1];
  }

  function judgeLag(): void {
    // What is not followed makes nobody late: with two nodes, the other would be left with none to be asked.
    const heads = members
      .flatMap((m) => (isUp(m) && m.disagreesSinceMs === undefined ? [m.head!.number] : []))
      .sort((a, b) => (a > b ? -1 : 1));
    const best = heads[0] ?? 0n;
    const leaders = heads.filter((h) => h + LAG_BLOCKS >= best).length;
    // One endpoint that claims a far head does not make the others laggards, unless there is only one other.
    const isCredible = leaders >= Math.min(quorum, members.length - 1);
    for (const m of members) {
      if (!isUp(m)) continue;
      const { label } = m.endpoint;
      const behind = best - m.head!.number;
      if (behind > LAG_BLOCKS && isCredible) {
        m.lags = true;
        const told = `${label} is ${behind} blocks behind ${best}.`;
        if (isAway(m)) troubles.note("endpoint-lags", told, false, label);
        else troubles.raise("endpoint-lags", told, false, label);
      } else if (m.lags && behind <= LAG_BLOCKS) {
        m.lags = false;
        troubles.clear("endpoint-lags", `${label} has caught up.`, label);
      }
    }
  }

  return {
    members,
    quorum,
    isAway,
    isShort: () => members.filter(isWell).length < quorum,
    candidates(number) {
      const has = members.filter((m) => isUp(m) && m.head!.number >= number);
      const rank = (m: Member) =>
        m.disagreesSinceMs !== undefined ? 4 : m.hasLied ? 3 : m.lags || m.strikes > 0 ? 2 : isSlow(m) ? 1 : 0;
      return has.sort((a, b) => rank(a) - rank(b));
    },
    target() {
      const known = healthy();
      // Who hangs is not to bring about that it is asked, before others have come as far.
      const sound = known.filter((m) => m.hungAtMs === undefined);
      // Somebody has not answered yet, or stumbled once: that is no reason to go on without a quorum.
      if (known.length < quorum && !this.isShort()) return undefined;
      return heightOf(sound.length >= quorum ? sound : known);
    },
    reached: () => heightOf(members.filter((m) => isUp(m) && m.disagreesSinceMs === undefined)),
    final(tag, isTaken) {
      const refs = healthy()
        .flatMap((m) => m[tag] ?? [])
        .filter(isTaken)
        .sort((a, b) => (a.number > b.number ? -1 : 1));
      return refs[quorum - 1];
    },
    seeHead(member, head) {
      member.head = head;
      member.isUnheard = false;
      // Trouble that began with a question about a block ends with one, not with a head.
      const hasRested = member.hungAtMs !== undefined && performance.now() - member.hungAtMs > HUNG_MS;
      if (member.strikes === 0 || member.struckBy === "head" || hasRested) this.worked(member);
      judgeLag();
    },
    worked(member) {
      const { label } = member.endpoint;
      member.strikes = 0;
      member.struckBy = undefined;
      member.hungAtMs = undefined;
      member.backoffMs = FIRST_BACKOFF_MS;
      member.retryAtMs = 0;
      troubles.clear("endpoint-down", `${label} answers again.`, label);
    },
    voted(member) {
      if (member.strikes > 0 && member.struckBy !== "body") this.worked(member);
    },
    took(member, ms) {
      if (ms > PATIENCE_MS) member.slowAtMs = performance.now();
    },
    failed(member, error, asked) {
      const { label } = member.endpoint;
      const isGone = error instanceof RpcUnreachable;
      if (asked === "head") member.isUnheard = true;
      // Its next head would have it asked before others again.
      const hangs = asked !== "head" && error instanceof RpcTimedOut;
      // The first time: after its rest it has as long as any other, or whoever is slow would never come back.
      if (hangs) member.hungAtMs ??= performance.now();
      const isStruck = !isGone || hangs;
      member.strikes += isStruck ? 1 : 0;
      // A head that is refused in between does not lighten what another question began.
      if (isStruck) member.struckBy = graver(member.struckBy, asked);
      member.retryAtMs = performance.now() + member.backoffMs;
      member.backoffMs = Math.min(maxBackoffMs, member.backoffMs * 2);
      if (!isGone && member.strikes < STRIKES) return;
      const message = error instanceof Error ? error.message : String(error);
      troubles.raise("endpoint-down", message, false, label);
    },
    outvoted(member, message) {
      member.disagreesSinceMs ??= performance.now();
      member.disagreement = message;
    },
    tellDisagreement(blockTimeMs) {
      const apart = members.filter(
        (m) => m.disagreesSinceMs !== undefined && performance.now() - m.disagreesSinceMs > blockTimeMs,
      );
      // Two quorums, of which the other is no smaller: nothing says that ours is the one that is right.
      const isSplit = quorum > 1 && apart.length >= quorum && apart.length >= members.filter(isWell).length;
      for (const member of apart) {
        if (isSplit) freezing.add(member);
        troubles.raise("endpoint-disagrees", member.disagreement, isSplit, member.endpoint.label);
      }
    },
    agrees(member) {
      member.disagreesSinceMs = undefined;
      const { label } = member.endpoint;
      const froze = freezing.delete(member);
      // That it was found out by a proof is no matter of its head, which it could change to be well again.
      if (member.hasLied && !froze) return;
      troubles.clear("endpoint-disagrees", `${label} agrees again.`, label);
      if (member.hasLied)
        troubles.raise("endpoint-disagrees", `${label} agrees again, and has sent what is no block's.`, false, label);
    },
  };
}

function graver(one: Asked | undefined, other: Asked): Asked {
  return one !== undefined && gravity.indexOf(one) > gravity.indexOf(other) ? one : other;
}

/** The quorum cannot be reached with the endpoints that are there. */
export class QuorumImpossible extends Error {
  override readonly name = "QuorumImpossible";
  constructor(quorum: number, endpoints: number) {
    super(
      [
        `A quorum of ${quorum} of ${endpoints} endpoints is impossible.`,
        "- The quorum is at least 1 and at most the number of endpoints.",
        "- Name more endpoints, or lower the quorum.",
      ].join("\n"),
    );
  }
}
