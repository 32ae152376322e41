import type { Deployment } from "./Deployment.ts";
import { bountyAccounts } from "./modules/bountySchema.ts";
import { bridgeAccounts } from "./modules/bridgeSchema.ts";
import { hookAccounts } from "./modules/hookSchema.ts";
import { stewardAccounts } from "./modules/stewardSchema.ts";
import type { NamedAccount } from "./NamedAccount.ts";

/** Who has a role in `file`, each as often as it is named. */
export function accountsOf(file: Deployment): readonly NamedAccount[] {
  const { council, slowWallet, timelock, steward, trippers, programs = [], bounty, hook, bridge = [] } = file;
  return [
    ...council.guardians.map(
      (account, i): NamedAccount => ({
        kind: "guardian",
        path: ["council", "guardians", i],
        account,
        role: `guardian ${i}`,
      }),
    ),
    { kind: "slowWallet", path: ["slowWallet"], account: slowWallet, role: "slow wallet" },
    ...(timelock.executors ?? []).map(
      (account, i): NamedAccount => ({
        kind: "executor",
        path: ["timelock", "executors", i],
        account,
        role: "executor",
      }),
    ),
    ...(steward === undefined ? [] : stewardAccounts(steward)),
    ...trippers.map(
      ({ caller, group }, i): NamedAccount => ({
        kind: "tripper",
        path: ["trippers", i, "caller"],
        account: caller,
        role: `tripper of the group ${group}`,
      }),
    ),
    ...programs.map(
      ({ caller, contract, function: { signature } }, i): NamedAccount => ({
        kind: "program",
        path: ["programs", i, "caller"],
        account: caller,
        role: `program for ${signature} of ${contract}`,
      }),
    ),
    ...(bounty === undefined ? [] : bountyAccounts(bounty)),
    ...(hook === undefined ? [] : hookAccounts(hook)),
    ...bridge.flatMap(bridgeAccounts),
  ];
}
