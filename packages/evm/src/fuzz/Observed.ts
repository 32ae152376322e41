import type { Hex } from "../hex.ts";

/** What can be seen of a transaction from outside, in a form that two engines share. */
export type Observed =
  | {
      readonly kind: "ran";
      readonly succeeded: boolean;
      readonly gasUsed: bigint;
      readonly output: Hex;
      readonly logs: readonly (readonly [address: string, topics: readonly Hex[], data: Hex])[];
      readonly created: string | undefined;
    }
  | { readonly kind: "invalid"; readonly why: string };

/** In what two engines differ about a transaction, or undefined. Why one is invalid each says in its own words. */
export function differenceOf(ours: Observed, theirs: Observed): string | undefined {
  if (ours.kind === "invalid" || theirs.kind === "invalid") {
    if (ours.kind === theirs.kind) return undefined;
    return `kind: ${describe(ours)}, the peer ${describe(theirs)}`;
  }
  for (const field of ["succeeded", "gasUsed", "output", "created"] as const) {
    if (ours[field] !== theirs[field]) return `${field}: ${ours[field]}, the peer ${theirs[field]}`;
  }
  const [logs, theirLogs] = [JSON.stringify(ours.logs), JSON.stringify(theirs.logs)];
  return logs === theirLogs ? undefined : `logs: ${logs}, the peer ${theirLogs}`;
}

function describe(seen: Observed): string {
  return seen.kind === "invalid" ? `refuses it (${seen.why})` : `ran it with ${seen.gasUsed} gas`;
}
