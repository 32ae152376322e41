import { z } from "zod";
import { address, list, strict } from "../../config/fields.ts";
import { amount, bounded, daySeconds, id32, maxPauseSeconds, person, refuse, repeated } from "../deployFields.ts";
import type { NamedAccount, NamedSource } from "../NamedAccount.ts";

const noCap = (1n << 192n) - 1n;
const mostAtOnceBps = 5_000;

const account = address.refine((at) => BigInt(at) !== 0n, {
  error: "Allowed: an address that is not zero.\n- Nothing would stand behind what arrives.",
});

const tier = strict({
  /** Of the cap: from this level on a transfer waits. */
  aboveBps: bounded(0, 10_000, "1/10,000", "The level of the route, as a part of its cap."),
  delaySeconds: bounded(
    0,
    7 * daySeconds,
    "seconds",
    "A transfer that waits for more than 7 days is lost to its user.",
  ),
});

const route = strict({
  remote: bounded(1, Number.MAX_SAFE_INTEGER, "", "The id of the other chain."),
  token: account,
  /** `home`: locked and released here; `remote`: minted and burnt here. */
  side: z.enum(["home", "remote"], { error: 'Allowed: "home" or "remote".' }),
  /** The guard on the other chain. */
  peer: account,
  remoteToken: account,
  cap: amount(192, 1n, "A cap of zero lets nothing arrive: every user's transfer is stuck on its way."),
  windowSeconds: bounded(
    300,
    30 * daySeconds,
    "seconds",
    "A full route refills in one window: at zero, or within a few blocks, the cap bounds nothing.",
  ),
  tripBps: bounded(1, 10_000, "1/10,000", "At zero nothing ever trips."),
  tiers: list(tier, 1, 3, "tiers; without one a message of any size arrives at once"),
}).superRefine(({ cap, tiers }, context) => {
  if (cap === noCap)
    refuse(
      context,
      ["cap"],
      "It is no cap.",
      "Allowed: an amount.",
      "One forged message could take all that there is.",
    );
  tiers.slice(1).forEach((item, i) => {
    const below = tiers[i]!;
    for (const key of ["aboveBps", "delaySeconds"] as const)
      if (item[key] < below[key])
        refuse(
          context,
          ["tiers", i + 1, key],
          `${key} is ${item[key]}, in the tier before ${below[key]}.`,
          "Allowed: tiers that ascend in both.",
          "More may not wait for less.",
        );
  });
  const longest = tiers.at(-1)?.delaySeconds;
  if (longest !== undefined && longest < 3_600)
    refuse(
      context,
      ["tiers", tiers.length - 1, "delaySeconds"],
      `The largest messages wait ${longest} s.`,
      "Allowed: an hour (3600) or more in the last tier.",
      "A forged message would have arrived before a guardian could hold it.",
    );
  const first = tiers.findIndex(({ delaySeconds }) => delaySeconds > 0);
  if (first >= 0 && tiers[first]!.aboveBps > mostAtOnceBps)
    refuse(
      context,
      ["tiers", first, "aboveBps"],
      `Up to ${tiers[first]!.aboveBps / 100} % of the cap arrives without a delay.`,
      `Allowed: at most ${mostAtOnceBps / 100} %.`,
      "What nobody can hold is what a thief of the attestors' keys sends.",
    );
});

/** The guard beside one bridge, and what may arrive through it. */
export const bridgeSchema = strict({
  contract: person("the name of a protected contract"),
  /** What a full route pauses. */
  group: z.string({ error: "Allowed: the name of a group." }),
  /** What a pause that was signed for several chains may pause here, beside `group`. */
  propagated: list(z.string({ error: "Allowed: the name of a group." }), 0, 16, "names of groups").default([]),
  tripSeconds: bounded(
    1,
    maxPauseSeconds,
    "seconds",
    "A trip of zero pauses nothing; above 72 h a pause would outlast what the breaker allows: every pause has an end.",
  ),
  /** The bridge with all its chains, the same on each. */
  network: id32,
  attestors: list(address, 2, 7, "addresses"),
  quorum: bounded(2, 7, "signatures", "One attestor alone, or one stolen key, could forge a transfer."),
  routes: list(route, 1, 32, "routes"),
}).superRefine(({ attestors, quorum, routes, group, propagated }, context) => {
  for (const [again, first] of repeated(attestors))
    refuse(
      context,
      ["attestors", again],
      `${attestors[again]} is there already (attestors[${first}]).`,
      "Allowed: each once.",
      "One key would count as two people.",
    );
  if (quorum > attestors.length || quorum * 2 <= attestors.length)
    refuse(
      context,
      ["quorum"],
      `quorum is ${quorum} of ${attestors.length} attestors.`,
      "Allowed: more than half of them, and at most all.",
      quorum > attestors.length ? "Nothing would ever arrive." : "Half of the keys could attest what the others deny.",
    );
  for (const [again] of repeated(routes.map(({ remote, token }) => `${remote} ${token}`)))
    refuse(
      context,
      ["routes", again],
      "The token has a route to that chain already.",
      "Allowed: each once.",
      "The later one would replace the earlier.",
    );
  for (const [again] of repeated([group, ...propagated]))
    refuse(context, ["propagated", again - 1], "The group is there already.", "Allowed: each once.", "Take it out.");
});

export type BridgeFile = z.output<typeof bridgeSchema>;
export type RouteFile = BridgeFile["routes"][number];

/** Who has a role in `file`, the bridge number `index`. */
export function bridgeAccounts({ attestors, contract }: BridgeFile, index: number): readonly NamedAccount[] {
  return attestors.map((attestor, i) => ({
    kind: "bridgeAttestor",
    path: ["bridge", index, "attestors", i],
    account: attestor,
    role: `attestor of the bridge ${contract}`,
  }));
}

/** The contracts outside the deployment that `file` needs. */
export function bridgeSources({ routes }: BridgeFile, index: number): readonly NamedSource[] {
  return routes.map(({ token }, i) => [["bridge", index, "routes", i, "token"], token] as const);
}
