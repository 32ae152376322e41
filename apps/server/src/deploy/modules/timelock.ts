import {
  bountyRules,
  bountyVault,
  circuitBreaker,
  exploitProofHook,
  guardianCouncil,
  insuranceFund,
  latencyBuffer,
  oracleAggregator,
  riskSteward,
  timelock,
} from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { zeroHash } from "@testudo/core/model/Hex";
import type { Abi } from "viem";
import { encodeDeployData, keccak256, toFunctionSelector, toHex } from "viem/utils";
import { z } from "zod";
import { address, list, strict } from "../../config/fields.ts";
import type { Context, DecodedLog, DeployModule, Expectation } from "../DeployModule.ts";
import { bounded, daySeconds, type FunctionRef, functionRef, refuse, repeated } from "../deployFields.ts";
import { healthyOf } from "./healthyOf.ts";

const delay = bounded(
  1,
  30 * daySeconds,
  "seconds",
  "Without a delay nobody can look at a change, and no guardian can veto it, before it holds. 24 h or more off development chains.",
);

const place = z.string({ error: "Allowed: the name of a protected contract or of a module, or an address." }).min(1);

/** The timelock: what every change waits, and how long it may be executed then. */
export const timelockSchema = strict({
  delaySeconds: delay,
  graceSeconds: bounded(
    daySeconds,
    30 * daySeconds,
    "seconds",
    "Too short, and a weekend voids what was agreed; too long, and a forgotten operation can be executed in another world.",
  ),
  /** Who executes what is due; default: the slow wallet alone. */
  executors: list(address, 1, 8, "addresses").optional(),
  selectorDelays: list(
    strict({ contract: place, function: functionRef, delaySeconds: delay }),
    0,
    32,
    "delays",
  ).default([]),
}).superRefine(({ delaySeconds, selectorDelays, executors = [] }, context) => {
  selectorDelays.forEach((entry, i) => {
    if (entry.delaySeconds > delaySeconds) return;
    refuse(
      context,
      ["selectorDelays", i, "delaySeconds"],
      `The delay of "${entry.function.signature}" is ${entry.delaySeconds} s.`,
      `Allowed: more than delaySeconds, which is ${delaySeconds}.`,
      "Every operation waits delaySeconds anyway: a lower one looks like a rule and is none.",
    );
  });
  for (const [again, first] of repeated(selectorDelays.map(placeAndSelector)))
    refuse(
      context,
      ["selectorDelays", again, "function"],
      `"${selectorDelays[again]!.function.signature}" has a delay already (selectorDelays[${first}]).`,
      "Allowed: each function once.",
      "Only one of the two would hold.",
    );
  for (const [again, first] of repeated(executors))
    refuse(
      context,
      ["executors", again],
      `${executors[again]} is there already (executors[${first}]).`,
      "Allowed: each once.",
      "The list would promise one more than there is.",
    );
  executors.forEach((executor, i) => {
    if (BigInt(executor) !== 0n) return;
    const why = "Anybody could choose the moment at which a change holds. Name the accounts.";
    refuse(context, ["executors", i], "The zero address executes.", "Allowed: accounts.", why);
  });
});

const placeAndSelector = ({ contract, function: { selector } }: { contract: string; function: FunctionRef }) =>
  `${contract.toLowerCase()} ${selector}`;

export type TimelockFile = z.output<typeof timelockSchema>;

const role = (name: string) => keccak256(toHex(name));
/** The roles of OpenZeppelin's TimelockController. */
export const roles = {
  admin: zeroHash,
  proposer: role("PROPOSER_ROLE"),
  executor: role("EXECUTOR_ROLE"),
  canceller: role("CANCELLER_ROLE"),
} as const;

/** The timelock of `file`. */
export function timelockModule(file: TimelockFile): DeployModule {
  return {
    name: "timelock",
    contracts: ["timelock"],
    creations: (context) => [
      {
        contract: "timelock",
        code: encodeDeployData({
          ...timelock,
          args: [
            file.delaySeconds,
            file.graceSeconds,
            context.addressOf("council"),
            [context.slowWallet],
            [...executorsOf(file, context.slowWallet)],
            delaysOf(file, context),
            [],
          ],
        }),
      },
    ],
    expects: (context) => expectationsOf(file, context),
  };
}

/** Who may execute what is due. */
export function executorsOf({ executors }: TimelockFile, slowWallet: Address): readonly Address[] {
  return executors ?? [slowWallet];
}

function delaysOf(file: TimelockFile, context: Context) {
  return file.selectorDelays.map(({ contract, function: { selector }, delaySeconds }) => ({
    target: placeOf(contract, context),
    selector,
    delay: delaySeconds,
  }));
}

function placeOf(name: string, context: Context): Address {
  if (/^0x[0-9a-fA-F]{40}$/.test(name)) return name.toLowerCase() as Address;
  return moduleNames.includes(name) ? context.addressOf(name) : context.targetOf(name);
}

const abiOf: Readonly<Record<string, Abi>> = {
  breaker: circuitBreaker.abi,
  council: guardianCouncil.abi,
  timelock: timelock.abi,
  oracle: oracleAggregator.abi,
  latency: latencyBuffer.abi,
  fund: insuranceFund.abi,
  steward: riskSteward.abi,
  rules: bountyRules.abi,
  bounty: bountyVault.abi,
  hook: exploitProofHook.abi,
};

/** The modules whose functions may be given a delay of their own, by name. */
export const moduleNames: readonly string[] = Object.keys(abiOf);

/** Whether the module `name` has the function of `selector`; of a name that is no module's nothing is known. */
export function hasFunction(name: string, { selector }: FunctionRef): boolean {
  const abi = Object.hasOwn(abiOf, name) ? abiOf[name]! : undefined;
  return abi === undefined || abi.some((item) => item.type === "function" && toFunctionSelector(item) === selector);
}

function expectationsOf(file: TimelockFile, context: Context): readonly Expectation[] {
  const to = context.addressOf("timelock");
  const base = { kind: "call", module: "timelock", to, abi: timelock.abi } as const;
  const delays = delaysOf(file, context);
  const logs = { kind: "logs", module: "timelock", address: to, abi: timelock.abi } as const;
  const holders = (field: string, id: Hex, expected: readonly Address[]): Expectation => ({
    ...logs,
    field,
    events: ["RoleGranted", "RoleRevoked"],
    sum: (seen) => holdersOf(seen, id),
    expected: [...new Set(expected)].sort(),
  });
  return [
    { ...base, field: "council", functionName: "council", expected: context.addressOf("council") },
    { ...base, field: "delay", functionName: "getMinDelay", expected: file.delaySeconds },
    {
      ...logs,
      // What holds only later is not what `getMinDelay` answers now.
      field: "delay that was set last",
      events: ["MinDelayChange"],
      sum: (seen) => seen.at(-1)?.args.newDuration ?? "never set",
      expected: file.delaySeconds,
    },
    {
      ...logs,
      field: "calls that are checked afterwards",
      events: ["PostCheckSet"],
      sum: checkedCalls,
      expected: [],
    },
    { ...base, field: "grace", functionName: "grace", expected: file.graceSeconds },
    ...delays.map(
      ({ target, selector, delay }): Expectation => ({
        ...base,
        field: `delay of ${selector} of ${target}`,
        functionName: "selectorDelay",
        args: [target, selector],
        pick: ([now, later, effect]: readonly [number, number, number]) =>
          effect === 0 ? now : { now, later, effect },
        expected: delay,
      }),
    ),
    {
      ...logs,
      field: "functions with a delay of their own",
      events: ["SelectorDelaySet"],
      sum: (seen) => [...new Set(seen.map(({ args }) => `${args.selector} of ${args.target}`.toLowerCase()))].sort(),
      expected: [...new Set(delays.map(({ target, selector }) => `${selector} of ${target}`))].sort(),
    },
    holders("proposers", roles.proposer, [context.slowWallet]),
    holders("executors", roles.executor, executorsOf(file, context.slowWallet)),
    holders("cancellers", roles.canceller, [context.slowWallet, context.addressOf("council")]),
    holders("administrators", roles.admin, [to]),
    healthyOf(base),
  ];
}

function checkedCalls(logs: readonly DecodedLog[]): readonly string[] {
  const checks = new Map(
    logs.map(
      ({ args }) => [`${args.selector} of ${args.target}`.toLowerCase(), String(args.check).toLowerCase()] as const,
    ),
  );
  return [...checks].flatMap(([call, check]) => (BigInt(check) === 0n ? [] : [`${call} by ${check}`])).sort();
}

/** Who holds the role `id` after `logs`, which are in order. */
function holdersOf(logs: readonly DecodedLog[], id: Hex): readonly string[] {
  const holders = new Set<string>();
  for (const { event, args } of logs) {
    if (args.role !== id) continue;
    const account = String(args.account).toLowerCase();
    if (event === "RoleGranted") holders.add(account);
    else holders.delete(account);
  }
  return [...holders].sort();
}
