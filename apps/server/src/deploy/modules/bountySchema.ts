import type { z } from "zod";
import { address, list, strict } from "../../config/fields.ts";
import { amount, bounded, daySeconds, hash32, refuse, repeated } from "../deployFields.ts";
import type { NamedAccount, NamedSource } from "../NamedAccount.ts";

const noCap = (1n << 128n) - 1n;

const tier = strict({
  floor: amount(128, 0n, "What a report of this severity gets at least."),
  cap: amount(128, 1n, "A cap of zero pays nothing: whoever finds such a hole has no reason to report it."),
  bps: bounded(1, 10_000, "1/10,000", "The part of the funds at risk; at zero every report gets the floor alone."),
});

/** The names of the severities, in the contract's order. */
export const severities = ["low", "medium", "high", "critical"] as const;

const terms = strict({
  /** Rules on what is challenged, and on what the attestors left. */
  arbitrator: address,
  bondWei: amount(96, 1n, "A challenge that costs nothing holds up every award for 33 days."),
  safeHarborAgreement: address.optional(),
  /** Of the agreement's answer where there is one, else of the terms' document. */
  termsHash: hash32,
  shareBps: bounded(1, 9_000, "1/10,000", "One root cause could else take all that is free; at zero none is paid."),
  vestBps: bounded(0, 5_000, "1/10,000", "More than half kept back is a promise that the arbitrator can take away."),
  vestSeconds: bounded(0, 180 * daySeconds, "seconds", "A reporter does not wait for longer than 180 days."),
  reserve: amount(
    128,
    1n,
    "Without a reserve the owner takes back, its notice over, all that no report holds: nothing is promised.",
  ),
  tiers: strict({ low: tier, medium: tier, high: tier, critical: tier }),
}).superRefine(({ vestBps, vestSeconds, reserve, tiers }, context) => {
  if ((vestBps === 0) !== (vestSeconds === 0))
    refuse(
      context,
      ["vestSeconds"],
      `${vestBps / 100} % vest in ${vestSeconds} s.`,
      "Allowed: both zero, or none of them.",
      "What vests at once is paid at once: the arbitrator could take nothing back from an insider.",
    );
  refuseTiers(tiers, context);
  if (reserve < tiers.critical.floor)
    refuse(
      context,
      ["reserve"],
      `The reserve is ${reserve}, the floor of a critical report ${tiers.critical.floor}.`,
      "Allowed: a reserve of that floor or more.",
      "Once the owner took what it may, a critical report would find less than its floor.",
    );
});

function refuseTiers(
  tiers: Readonly<Record<(typeof severities)[number], z.output<typeof tier>>>,
  context: z.RefinementCtx,
) {
  for (const [i, name] of severities.entries()) {
    const { floor, cap } = tiers[name];
    const below = i === 0 ? undefined : tiers[severities[i - 1]!];
    const say = (key: string, what: string, allowed: string, why: string) =>
      refuse(context, ["tiers", name, key], what, allowed, why);
    if (cap === noCap)
      say("cap", "It is no cap.", "Allowed: an amount.", "One report could take its share whatever it is worth.");
    if (floor > cap)
      say("floor", `floor is ${floor}, cap ${cap}.`, "Allowed: floor <= cap.", "The contract refuses it.");
    if (below !== undefined && (floor < below.floor || cap < below.cap))
      say(
        floor < below.floor ? "floor" : "cap",
        `A ${name} report gets ${floor} to ${cap}, a ${severities[i - 1]} one ${below.floor} to ${below.cap}.`,
        "Allowed: as much as a lower severity, or more.",
        "A reporter would gain by showing less than there is.",
      );
  }
  if (tiers.critical.floor > 0n) return;
  const why = "A proof of an exploit would reserve nothing, and its author would rather use it.";
  refuse(context, ["tiers", "critical", "floor"], "The floor is 0.", "Allowed: above 0.", why);
}

/** The vault that pays reporters, with the rules under which it does. */
export const bountySchema = strict({
  /** Takes back what is free, after 60 d of notice, and challenges. */
  owner: address,
  asset: address,
  panel: strict({
    attestors: list(address, 2, 7, "addresses"),
    need: bounded(2, 7, "signatures", "One attestor alone, or one stolen key, could pay out the vault."),
  }),
  terms,
}).superRefine(({ panel }, context) => {
  for (const [again, first] of repeated(panel.attestors))
    refuse(
      context,
      ["panel", "attestors", again],
      `${panel.attestors[again]} is there already (attestors[${first}]).`,
      "Allowed: each once.",
      "One key would count as two people.",
    );
  if (panel.need > panel.attestors.length)
    refuse(
      context,
      ["panel", "need"],
      `need is ${panel.need} of ${panel.attestors.length} attestors.`,
      "Allowed: at most as many as there are.",
      "No report would ever be attested.",
    );
});

export type BountyFile = z.output<typeof bountySchema>;

/** Who has a role in `file`. */
export function bountyAccounts({ owner, panel, terms: { arbitrator } }: BountyFile): readonly NamedAccount[] {
  return [
    {
      kind: "owner",
      path: ["bounty", "owner"],
      account: owner,
      role: "owner of the bounty vault",
      mustBeMany: true,
    },
    {
      kind: "arbitrator",
      path: ["bounty", "terms", "arbitrator"],
      account: arbitrator,
      role: "arbitrator",
      mustBeMany: true,
    },
    ...panel.attestors.map(
      (account, i): NamedAccount => ({
        kind: "attestor",
        path: ["bounty", "panel", "attestors", i],
        account,
        role: "attestor",
      }),
    ),
  ];
}

/** The contracts outside the deployment that `file` needs. */
export function bountySources({ asset, terms }: BountyFile): readonly NamedSource[] {
  const { safeHarborAgreement: agreement } = terms;
  return [
    [["bounty", "asset"], asset],
    ...(agreement === undefined ? [] : [[["bounty", "terms", "safeHarborAgreement"], agreement] as const]),
  ];
}
