import type { Candidate } from "@testudo/chain/nodes/Dispute";

/** A branch that is judged, by the URLs of the nodes whose blocks are. */
export interface Judged {
  readonly urls: readonly string[];
  /** `over`: it stands for a branch that is not judged any more, and that was told. */
  readonly phase: "judging" | "resting" | "over";
}

/**
 * Which of `judged` goes on with which of `branches`: the one that shares most nodes with it, each at most once. A branch is
 * known by who shows it, not by its blocks: whoever makes up a new one for each question has no more of them judged.
 */
export function matchShadows<J extends Judged>(
  branches: readonly Candidate[],
  judged: readonly J[],
): ReadonlyMap<Candidate, J> {
  const pairs = branches.flatMap((branch) =>
    judged
      .map((one) => ({ branch, one, shared: sharedUrls(branch, one).length }))
      .filter(({ one, shared }) => shared > 0 && (one.phase !== "over" || isOfAll(branch, one, shared))),
  );
  const matched = new Map<Candidate, J>();
  const taken = new Set<J>();
  for (const { branch, one } of pairs.sort((a, b) => b.shared - a.shared)) {
    if (matched.has(branch) || taken.has(one)) continue;
    matched.set(branch, one);
    taken.add(one);
  }
  return matched;
}

/** The nodes of `judged` that show `branch`. */
export function sharedUrls({ endpoints }: Candidate, { urls }: Pick<Judged, "urls">): readonly string[] {
  return urls.filter((url) => endpoints.some((endpoint) => endpoint.url === url));
}

// That one node's branch is given up is not to silence what others show as well, nor what one of its nodes shows by itself: the
// other may have joined it for that.
function isOfAll({ endpoints }: Candidate, { urls }: Judged, shared: number): boolean {
  return shared === endpoints.length && shared === urls.length;
}
