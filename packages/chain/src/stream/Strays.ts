import type { Candidate } from "../nodes/Dispute.ts";
import type { EndpointPool, Member } from "../nodes/EndpointPool.ts";
import type { Spine } from "./Spine.ts";

/** Endpoints whose head is another block than ours. Nobody asks for it where the others are further. */
export interface Strays {
  /** Looks at the heads as they are now. */
  look(nowMs: number): void;
  /** Sets those aside that have been elsewhere for longer than `leastMs` while a quorum of others is with us: nobody asks them for a block. */
  outvote(nowMs: number, leastMs: number): void;
  /** Those that have been elsewhere for longer than `leastMs`, but for `named`, by their heads. */
  since(nowMs: number, leastMs: number, named: readonly Candidate[]): readonly Candidate[];
}

/**
 * Makes it over the endpoints of `pool`. One that was outvoted is a stray as well: without a quorum it may be the one that is right.
 * One that `isAway` is none: where it stood when it was heard last says nothing.
 */
export function makeStrays(pool: EndpointPool, spine: Spine, isAway: (member: Member) => boolean): Strays {
  const strayed = new Map<Member, number>();
  const isStray = (member: Member) => hasAnother(member, spine) && !isAway(member);
  return {
    look(nowMs) {
      for (const member of pool.members) {
        if (!isStray(member)) strayed.delete(member);
        else if (!strayed.has(member)) strayed.set(member, nowMs);
      }
    },
    outvote(nowMs, leastMs) {
      const withUs = pool.members.filter(
        (member) => member.head !== undefined && !isAway(member) && !member.lags && !hasAnother(member, spine),
      );
      if (withUs.length < pool.quorum) return;
      for (const [member, sinceMs] of strayed) {
        const { head, endpoint, disagreesSinceMs } = member;
        if (disagreesSinceMs !== undefined || nowMs - sinceMs <= leastMs || !isStray(member)) continue;
        const ours = spine.at(head!.number)!;
        const by = withUs.map((one) => one.endpoint.label).join(" and ");
        pool.outvoted(member, `Block ${head!.number} is ${ours.hash} at ${by} and ${head!.hash} at ${endpoint.label}.`);
      }
    },
    since(nowMs, leastMs, named) {
      const found = new Map<string, Candidate>();
      for (const [member, sinceMs] of strayed) {
        const { head, endpoint } = member;
        if (
          nowMs - sinceMs <= leastMs ||
          !isStray(member) ||
          named.some(({ endpoints }) => endpoints.includes(endpoint))
        )
          continue;
        const others = found.get(head!.hash)?.endpoints ?? [];
        found.set(head!.hash, { ref: head!, endpoints: [...others, endpoint] });
      }
      return [...found.values()];
    },
  };
}

/** Whether an endpoint has another block than ours at its head, and nobody has outvoted it. */
export function isElsewhere(member: Member, spine: Spine): boolean {
  return member.disagreesSinceMs === undefined && hasAnother(member, spine);
}

/** Whether an endpoint has another block than ours at its head. */
export function hasAnother({ head }: Member, spine: Spine): boolean {
  const known = head === undefined ? undefined : spine.at(head.number);
  return known !== undefined && known.hash !== head!.hash;
}
