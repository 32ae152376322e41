// What each role can do under a deployment, in figures of that deployment.
import { guardianCouncil } from "@testudo/contracts";
import type { Address } from "@testudo/core/model/Hex";
import type { Deployment } from "./Deployment.ts";
import { bountyRoles } from "./modules/bounty.ts";
import { bridgeRoles } from "./modules/bridge.ts";
import { hookRoles } from "./modules/hook.ts";
import { oracleTripperRoles } from "./modules/oracleTripper.ts";
import { executorsOf } from "./modules/timelock.ts";
import { durationOf, percentOf, type RoleText } from "./roleWords.ts";

/** One paragraph for each role. `deployer` is undefined where it is not known yet. */
export function describeRoles(file: Deployment, deployer: Address | undefined): readonly RoleText[] {
  const { council } = file;
  const count = council.guardians.length;
  return [
    { role: "one guardian alone", text: oneGuardian(file) },
    { role: `m1: ${council.m1} of ${count} guardians`, text: m1Text(file) },
    { role: `m2: ${council.m2} of ${count} guardians`, text: m2Text(file) },
    { role: `m3: ${council.m3} of ${count} guardians`, text: m3Text(file) },
    { role: "the council's address", text: councilText(file) },
    ...(file.steward === undefined ? [] : stewardRoles(file.steward, file.council.m1)),
    ...trippers(file),
    ...programs(file),
    ...(file.oracleTrippers ?? []).map(oracleTripperRoles),
    ...(file.bounty === undefined ? [] : bountyRoles(file.bounty)),
    ...(file.hook === undefined ? [] : hookRoles(file.hook)),
    ...(file.bridge ?? []).flatMap(bridgeRoles),
    { role: `the slow wallet ${file.slowWallet}, through the timelock`, text: slowText(file) },
    {
      role: `the deployer${deployer === undefined ? "" : ` ${deployer}`}`,
      text: "Nothing. It owns nothing, administers nothing and can be thrown away once everything stands.",
    },
    { role: "anyone", text: anyoneText(file) },
  ];
}

function oneGuardian({ council }: Deployment): string {
  return `Nothing but to say that the key is alive: every act needs ${council.m1} signatures or more. A guardian silent for 30 days is reported, and the council is unwell while one is.`;
}

function guardedWords({ protect, steward }: Deployment): string {
  const own = protect.map(({ name, guarded }) => `${guarded.map(({ signature }) => signature).join(", ")} of ${name}`);
  return [...own, ...(steward === undefined ? [] : ["propose, applyBatch and revertToLastGood of the steward"])].join(
    "; ",
  );
}

function exemptWords({ protect }: Deployment): string {
  return protect
    .map(({ name, exempt }) => `${exempt.map(({ signature }) => signature).join(", ")} of ${name}`)
    .join("; ");
}

function m1Text(file: Deployment): string {
  return `Pause ${guardedWords(file)}: each for at most 72 h at a time and 168 h in any 30 days, after which it comes back by itself; or narrow it by a guard rule out of the same budget. Never ${exemptWords(file)}.`;
}

function m2Text(file: Deployment): string {
  return `Also extend a running pause or halt a contract whole, the exempt functions included, for at most 48 h more in any 30 days for each function; and veto what waits in the timelock, within its ${durationOf(file.timelock.delaySeconds)}.`;
}

function m3Text(file: Deployment): string {
  return `Also veto a declared rotation of the guardians. The slow wallet has to need ${file.council.m3} signatures too. No number of guardians ends a pause early, moves funds, raises a cap or changes code.`;
}

// What a contract grants the council reaches guardians only where the council has a message for it.
const messages: readonly string[] = guardianCouncil.abi.flatMap((item) =>
  item.type === "function" ? [item.name] : [],
);

function councilText({ council, flow = [], fund, bridge = [] }: Deployment): string {
  const by = (message: string) =>
    messages.includes(message)
      ? `(${council.m1} guardians sign it)`
      : "(the contract would take it; this council has no message for it, so that nobody can)";
  const parts = ["The only one that trips, extends and halts at the breaker, with the signatures above."];
  if (flow.length > 0) {
    const count = flow.reduce((sum, { limits }) => sum + limits.length, 0);
    parts.push(
      `Lower, never raise, for at most 72 h, the caps of ${count} flow limit${count === 1 ? "" : "s"} ${by("lowerCapBySig")}; hold a queued withdrawal until 72 h after it is ready ${by("holdBySig")}.`,
    );
  }
  if (bridge.length > 0)
    parts.push(`Hold an announced transfer until 72 h after the longest delay ${by("holdBySig")}.`);
  if (fund !== undefined)
    parts.push(`Report a loss, which holds redemptions of the fund for 7 days, once in 30 ${by("openLossBySig")}.`);
  return parts.join(" ");
}

function stewardRoles(steward: NonNullable<Deployment["steward"]>, m1: number): readonly RoleText[] {
  const words = steward.parameters.map(({ id, floor, ceil, maxStepBps, cooldownSeconds, relative, tighter }) => {
    const of = relative ? "of its value" : "of its ceiling";
    return `${id.name} between ${floor} and ${ceil}, by ${percentOf(maxStepBps)} ${of} every ${durationOf(cooldownSeconds)} (${tighter} is tighter)`;
  });
  const n = steward.invariants.length;
  return [
    {
      role: "a steward's key",
      text: `${steward.stewards.join(", ")} may move ${words.join("; ")}; every change has to satisfy ${n} invariant${n === 1 ? "" : "s"}. ${m1} guardians pause it, ${steward.guardian} dismisses it at once.`,
    },
    {
      role: `the guardian of the stewards ${steward.guardian}`,
      text: "Dismisses a steward at once, and takes parameters back to the values before their last change where none of them gets looser by that. Sets no other value and appoints nobody.",
    },
  ];
}

function trippers({ trippers: named, flow = [] }: Deployment): readonly RoleText[] {
  const limiters = flow.map(({ contract, group, tripSeconds, limits }) => ({
    role: `the flow limiter of ${contract}`,
    text: `Lets out at most ${limits.map(limitWords).join("; ")}, on balance, and twice that within any one window. Anyone may have it pause the group "${group}" for ${durationOf(tripSeconds)} when the level is reached (${limits.map(({ tripBps }) => percentOf(tripBps)).join(", ")} of the cap).`,
  }));
  const keys = named.map(({ caller, group }) => ({
    role: `the tripper ${caller}`,
    text: `Pauses the group "${group}" by itself, each function for at most 72 h at a time and, with the council's, 168 h in any 30 days.`,
  }));
  return [...limiters, ...keys];
}

function programs({ programs: named = [], council }: Deployment): readonly RoleText[] {
  const callers = [...new Set(named.map(({ caller }) => caller))];
  return callers.map((caller) => {
    const own = named.filter((program) => program.caller === caller);
    const places = own.map(({ contract, function: { signature } }) => `${signature} of ${contract}`).join("; ");
    return {
      role: `the program ${caller}`,
      text: `Sets guard rules by itself on ${places}: each for at most 36 h, as 48 h of the budget stay the guardians'. ${council.m1} of them take one back early, or put a stricter one in its place.`,
    };
  });
}

function limitWords(limit: NonNullable<Deployment["flow"]>[number]["limits"][number]): string {
  const caps = [
    ...(limit.capAbs === undefined ? [] : [`${limit.capAbs} units`]),
    ...(limit.capBpsOfTvl === undefined ? [] : [`${percentOf(limit.capBpsOfTvl)} of the balance`]),
  ];
  const beyond = limit.mode === "revert" ? "refused" : "queued for one window";
  // A share is of a balance that is so old, and at first none is.
  const first =
    limit.capBpsOfTvl === undefined ? "" : `; nothing in its first ${durationOf(Math.floor(limit.windowSeconds / 24))}`;
  return `${caps.join(" or, if less, ")} of ${limit.asset} per ${durationOf(limit.windowSeconds)} (what is beyond is ${beyond}${first})`;
}

function slowText(file: Deployment): string {
  const { delaySeconds, graceSeconds, selectorDelays } = file.timelock;
  const own = selectorDelays.map(
    (entry) => `${entry.function.signature} of ${entry.contract} ${durationOf(entry.delaySeconds)}`,
  );
  const delays = own.length === 0 ? "" : ` (${own.join(", ")})`;
  const settings = [
    "end a pause early",
    "register contracts, groups, trippers and programs",
    "rotate the guardians",
    ...(file.flow === undefined ? [] : ["set flow limits"]),
    ...(file.oracle === undefined ? [] : ["set the feeds and rules of a market"]),
    ...(file.latency === undefined ? [] : ["set kinds of requests"]),
    ...(file.fund === undefined ? [] : ["confirm losses, set market caps and take back the first loss"]),
    ...(file.steward === undefined ? [] : ["set bounds, values, invariants and stewards"]),
    ...(file.bounty === undefined ? [] : ["set the terms, attestors and provers of the bounty vault"]),
    ...(file.hook === undefined ? [] : ["set programs and their verifiers"]),
    ...(file.bridge === undefined ? [] : ["set a bridge's routes, rotate its attestors and hold a transfer for 30 d"]),
  ];
  const executors = executorsOf(file.timelock, file.slowWallet);
  const by = executors.length === 1 && executors[0] === file.slowWallet ? "itself" : executors.join(", ");
  return `May ${settings.join("; ")}: everything after ${durationOf(delaySeconds)}${delays}, in which ${file.council.m2} guardians can veto it, and within ${durationOf(graceSeconds)} after that. It is executed by ${by}.`;
}

function anyoneText({ oracle, latency, flow, fund, oracleTrippers, bounty, hook, bridge }: Deployment): string {
  const acts = [
    "relay what guardians have signed",
    "report a guardian who is silent for 30 days",
    ...(flow === undefined ? [] : ["trip a limiter whose bucket is full and send a queued withdrawal that is due"]),
    ...(oracle === undefined ? [] : ["commit a price"]),
    ...(latency === undefined ? [] : ["execute a request that is due"]),
    ...(fund === undefined ? [] : ["add to the fund"]),
    ...(oracleTrippers === undefined ? [] : ["trip a group whose market is halted"]),
    ...(bounty === undefined ? [] : ["commit and reveal a report, add to the vault, bring a silent report on its way"]),
    ...(hook === undefined ? [] : ["submit a proof"]),
    ...(bridge === undefined ? [] : ["announce an attested transfer and trip a route that is full"]),
  ];
  return `May ${acts.join("; ")}. Nothing of that needs a right.`;
}
