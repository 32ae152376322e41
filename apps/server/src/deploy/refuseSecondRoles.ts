// Which roles may not be one account's: one theft would be one for both, or somebody would check or judge for himself.
import type { z } from "zod";
import { accountsOf } from "./accountsOf.ts";
import type { Deployment } from "./Deployment.ts";
import { refuse } from "./deployFields.ts";
import type { NamedAccount, RoleKind } from "./NamedAccount.ts";

// The slow wallet is the protocol: it executes by default, may own the bounty, and tightens at once what it could set anyway.
// Attestors of a bounty and of bridges sign different things, each under a quorum of its own.
const together: readonly (readonly [RoleKind, RoleKind])[] = [
  ["slowWallet", "executor"],
  ["slowWallet", "owner"],
  ["slowWallet", "stewardGuardian"],
  ["executor", "owner"],
  ["attestor", "bridgeAttestor"],
  // Both tighten by themselves, within bounds, and may be a watch's key.
  ["tripper", "program"],
];

const side = "It would rule on a dispute in which it is a side.";
const ownRules = "The slow wallet sets the rules under which this one acts: it would judge or prove for itself.";

// Why two roles are apart, where that says more than what `whyOf` says of the first of them alone.
const whyOfPair: Readonly<Record<string, string>> = {
  "guardian slowWallet": "Guardians veto what the slow wallet proposes: it would be its own check.",
  "guardian executor": "Guardian keys only tighten; executing makes changes hold.",
  "guardian steward":
    "The steward's key lies on a server that runs a program; whoever takes it would hold a guardian's vote too.",
  "guardian stewardGuardian":
    "One guardian alone could dismiss every steward and take parameters back to their tighter values.",
  "guardian tripper": "One guardian alone could pause the group, and m1 would not count.",
  "guardian program": "One guardian alone could deny the function by a rule, and m1 would not count.",
  "slowWallet steward": "The bounds of a steward would be set by the steward.",
  "steward stewardGuardian": "A thief of the key would be the one to dismiss it.",
  "owner arbitrator": side,
  "arbitrator attestor": side,
  "owner attestor": "Who pays would find what is to be paid.",
  "owner source": "Who pays would say which proofs are of true states.",
  "attestor source": "Who says that a state is true would attest the report that follows from it.",
};

/** Refuses the zero address in any role, and an account in two roles that have to be apart. */
export function refuseSecondRoles(file: Deployment, context: z.RefinementCtx): void {
  const firsts = new Map<string, NamedAccount[]>();
  for (const named of accountsOf(file)) {
    const { account, path, role, kind } = named;
    // The first addresses are the chain's own programs.
    if (BigInt(account) < 0x10000n) {
      const what = BigInt(account) === 0n ? "It is the zero address." : `It is ${account}.`;
      refuse(context, [...path], what, "Allowed: an account.", "Nobody has its key. Name the account.");
      continue;
    }
    const target = file.protect.find((contract) => contract.address === account);
    if (target !== undefined)
      refuse(
        context,
        [...path],
        `The ${role} is the protected contract ${target.name}.`,
        "Allowed: an account outside of it.",
        "What is to be protected from would act in the protection.",
      );
    const before = firsts.get(account) ?? [];
    firsts.set(account, [...before, named]);
    const first = before.find((other) => !mayBeOne(other.kind, kind));
    if (first === undefined) continue;
    refuse(
      context,
      [...path],
      `The ${role} ${account} has a second role: ${first.role}.`,
      "Allowed: an account without another role.",
      whyApart(first.kind, kind),
    );
  }
}

// Several of one kind are refused, or not, where their list is.
function mayBeOne(first: RoleKind, second: RoleKind): boolean {
  return first === second || together.some(([a, b]) => a === first && b === second);
}

function whyApart(first: RoleKind, second: RoleKind): string {
  return whyOfPair[`${first} ${second}`] ?? whyOf(first);
}

function whyOf(first: RoleKind): string {
  if (first === "slowWallet") return ownRules;
  if (first === "steward") return "The steward's key lies on a server that runs a program.";
  return "One theft would be one for both roles.";
}
