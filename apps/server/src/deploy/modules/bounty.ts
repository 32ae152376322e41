import { bountyRules, bountyVault, safeHarborReader } from "@testudo/contracts";
import { zeroAddress } from "@testudo/core/model/Asset";
import type { Address } from "@testudo/core/model/Hex";
import { encodeDeployData } from "viem/utils";
import type { Context, DecodedLog, DeployModule, Expectation } from "../DeployModule.ts";
import { durationOf, percentOf, type RoleText } from "../roleWords.ts";
import { type BountyFile, severities } from "./bountySchema.ts";
import { healthyOf } from "./healthyOf.ts";

/** The vault of `file`, its rules and, where an agreement is named, its reader. `provers`: the contracts that prove. */
export function bountyModule(file: BountyFile, provers: readonly string[]): DeployModule {
  const hasAgreement = file.terms.safeHarborAgreement !== undefined;
  const readerOf = (context: Context) => (hasAgreement ? context.addressOf("harbor reader") : zeroAddress);
  return {
    name: "bounty",
    contracts: [...(hasAgreement ? ["harbor reader"] : []), "rules", "bounty"],
    creations: (context) => [
      ...(hasAgreement ? [{ contract: "harbor reader", code: encodeDeployData(safeHarborReader) }] : []),
      {
        contract: "rules",
        code: encodeDeployData({
          ...bountyRules,
          args: [
            context.addressOf("timelock"),
            readerOf(context),
            [...file.panel.attestors],
            file.panel.need,
            termsOf(file),
          ],
        }),
      },
      {
        contract: "bounty",
        code: encodeDeployData({ ...bountyVault, args: [file.owner, context.addressOf("rules"), file.asset] }),
      },
    ],
    expects: (context) => [
      ...rulesExpectations(file, context, readerOf(context), provers),
      ...vaultExpectations(file, context),
    ],
  };
}

function termsOf({ terms }: BountyFile) {
  const { arbitrator, bondWei, safeHarborAgreement, shareBps, vestBps, vestSeconds, termsHash, reserve } = terms;
  const [low, medium, high, critical] = severities.map((name) => terms.tiers[name]);
  return {
    arbitrator,
    bond: bondWei,
    safeHarborAgreement: safeHarborAgreement ?? zeroAddress,
    shareBps,
    vestBps,
    vestSeconds,
    termsHash,
    reserve,
    tiers: [low!, medium!, high!, critical!] as const,
  };
}

function rulesExpectations(
  file: BountyFile,
  context: Context,
  reader: Address,
  provers: readonly string[],
): readonly Expectation[] {
  const to = context.addressOf("rules");
  const base = { kind: "call", module: "rules", to, abi: bountyRules.abi } as const;
  const logs = { kind: "logs", module: "rules", address: to, abi: bountyRules.abi } as const;
  return [
    { ...base, field: "timelock", functionName: "timelock", expected: context.addressOf("timelock") },
    { ...base, field: "safeHarborReader", functionName: "safeHarborReader", expected: reader },
    {
      ...base,
      field: "attestors",
      functionName: "attestors",
      pick: ([members, need]: readonly [readonly Address[], number]) => ({ members: sorted(members), need }),
      expected: { members: sorted(file.panel.attestors), need: file.panel.need },
    },
    // A version has no function that names the one in force with its terms at one block.
    {
      ...logs,
      field: "terms in force",
      events: ["TermsSet"],
      sum: (seen) => seen.at(-1)?.args.terms ?? "nothing",
      expected: termsOf(file),
    },
    {
      ...logs,
      field: "provers",
      events: ["ProverSet"],
      sum: proversOf,
      expected: sorted(provers.map(context.addressOf)),
    },
    healthyOf(base),
  ];
}

function vaultExpectations(file: BountyFile, context: Context): readonly Expectation[] {
  const base = { kind: "call", module: "bounty", to: context.addressOf("bounty"), abi: bountyVault.abi } as const;
  const { reserve } = file.terms;
  return [
    { ...base, field: "owner", functionName: "owner", expected: file.owner },
    { ...base, field: "rules", functionName: "rules", expected: context.addressOf("rules") },
    { ...base, field: "asset", functionName: "asset", expected: file.asset },
    {
      ...base,
      field: "reserve that is there, owed and reserved awards aside",
      functionName: "funds",
      pick: ({ balance, reserved }: { readonly balance: bigint; readonly reserved: bigint }) =>
        balance - reserved >= reserve ? `${reserve} or more` : balance - reserved,
      expected: `${reserve} or more`,
    },
    healthyOf(base),
  ];
}

function proversOf(logs: readonly DecodedLog[]): readonly string[] {
  const allowed = new Map(logs.map(({ args }) => [String(args.prover).toLowerCase(), args.allowed === true]));
  return [...allowed].flatMap(([prover, isAllowed]) => (isAllowed ? [prover] : [])).sort();
}

function sorted(accounts: readonly string[]): readonly string[] {
  return accounts.map((account) => account.toLowerCase()).sort();
}

/** What each role of the vault can do. */
export function bountyRoles(file: BountyFile): readonly RoleText[] {
  const { owner, panel, terms } = file;
  const { critical } = terms.tiers;
  const top = `${percentOf(critical.bps)} of the funds at risk, ${critical.floor} to ${critical.cap} units`;
  const vesting =
    terms.vestBps === 0 ? "nothing vests" : `${percentOf(terms.vestBps)} vest over ${durationOf(terms.vestSeconds)}`;
  return [
    {
      role: `${panel.need} of ${panel.attestors.length} attestors of the bounty vault`,
      text: `Find what a report is worth, not before 72 h after its commit: for a critical one ${top}, and for one root cause at most ${percentOf(terms.shareBps)} of what is free (${vesting}). The owner or the reporter can challenge it for 3 d.`,
    },
    {
      role: `the arbitrator ${terms.arbitrator}`,
      text: "Rules within 30 d on what was challenged or left by the attestors, by the same prices, and takes back what has not vested of an award. It names no beneficiary: the commit did.",
    },
    {
      role: `the owner ${owner} of the bounty vault`,
      text: `Challenges an attestation for ${terms.bondWei} wei, and takes back what is free after a notice of 60 d, within 7 d: never the reserve of ${terms.reserve} units, what is owed or reserved, or ${critical.floor} units for each of up to 7 open reports.`,
    },
  ];
}
