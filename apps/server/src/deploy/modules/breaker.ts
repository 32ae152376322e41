import { circuitBreaker, selectorBreaker } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { encodeDeployData, encodeFunctionData } from "viem";
import { z } from "zod";
import { address, callData, list, strict } from "../../config/fields.ts";
import type {
  CallExpectation,
  Context,
  DeployModule,
  Expectation,
  Registration,
  Setting,
  TargetEntry,
} from "../DeployModule.ts";
import { type FunctionRef, functionRef, id32, person, refuse, repeated } from "../deployFields.ts";
import { healthyOf } from "./healthyOf.ts";

/** A protected contract. */
export const protectSchema = strict({
  name: person("a name for people"),
  address,
  /** `inline`: SelectorBreaker or GateProxy holds the pause; `external`: the contract asks the breaker (Guarded). */
  mode: z.enum(["inline", "external"], { error: 'Allowed: "inline" or "external".' }),
  guarded: list(functionRef, 1, 31, "functions that let value out or open risk"),
  exempt: z.array(functionRef, { error: "Allowed: a list of functions that reduce risk." }),
  /** Calls by which --dry-run and --verify try functions that refuse a stranger's call with zeros before they ask. */
  probes: list(strict({ function: functionRef, from: address, data: callData }), 1, 32, "calls").optional(),
}).superRefine(({ guarded, exempt, probes = [] }, context) => {
  if (exempt.length === 0)
    refuse(
      context,
      ["exempt"],
      "`exempt` is empty.",
      "Allowed: the functions by which users reduce their risk, one at least.",
      "Without them a pause locks users into positions that go on losing. Name repay, close, add margin, liquidate.",
    );
  for (const [i, item] of exempt.entries()) refuseOutflow(item, i, context);
  const all = [...guarded, ...exempt];
  for (const [again, first] of repeated(all.map(({ selector }) => selector)))
    refuse(
      context,
      again < guarded.length ? ["guarded", again] : ["exempt", again - guarded.length],
      `"${all[again]!.signature}" has the selector of "${all[first]!.signature}" once more.`,
      "Allowed: each function once, guarded or exempt.",
      "What is exempt cannot be paused by guardians, so both at once cannot hold.",
    );
  refuseProbes(probes, all, context);
  if (all.length > 32)
    refuse(
      context,
      ["guarded"],
      `${all.length} functions.`,
      "Allowed: 32 together.",
      "A halt has to fit into a block.",
    );
});

function refuseProbes(
  probes: readonly { readonly function: FunctionRef; readonly data: Hex }[],
  all: readonly FunctionRef[],
  context: z.RefinementCtx,
): void {
  probes.forEach(({ function: { signature, selector }, data }, i) => {
    if (!all.some((item) => item.selector === selector))
      refuse(
        context,
        ["probes", i, "function"],
        `"${signature}" is neither guarded nor exempt.`,
        "Allowed: a function of `guarded` or `exempt`.",
        "Nothing is tried on what cannot be paused.",
      );
    if (!data.startsWith(selector))
      refuse(
        context,
        ["probes", i, "data"],
        `The call begins with ${data.slice(0, 10)}.`,
        `Allowed: a call of "${signature}", which begins with ${selector}.`,
        "Another function would be tried in its place.",
      );
  });
  for (const [again] of repeated(probes.map((probe) => probe.function.selector)))
    refuse(context, ["probes", again], "The function has a call already.", "Allowed: each once.", "Take one out.");
}

const outflow =
  /^(withdraw|redeem|borrow|transfer|send|sweep|skim|drain|rescue|flash|mint|payout|unwrap|swap|open|increasePosition|bridge|multicall|execute|delegatecall)/i;

function refuseOutflow({ signature }: FunctionRef, index: number, context: z.RefinementCtx): void {
  if (!outflow.test(signature)) return;
  refuse(
    context,
    ["exempt", index],
    `"${signature}" is exempt.`,
    "Allowed: functions that reduce risk; this one's name says that it lets value out or opens risk.",
    "An exempt function stays open under every guardian pause, and the list is fixed for ever. Guard it.",
  );
}

/** Guarded functions that fall together. */
export const groupSchema = strict({
  name: id32,
  members: list(
    strict({ contract: person("the name of a protected contract"), function: functionRef }),
    1,
    16,
    "members",
  ),
});

export const tripperSchema = strict({ caller: address, group: z.string({ error: "Allowed: the name of a group." }) });

/** What the file says for the breaker. */
export interface BreakerFile {
  readonly protect: readonly z.output<typeof protectSchema>[];
  readonly groups: readonly z.output<typeof groupSchema>[];
  readonly trippers: readonly z.output<typeof tripperSchema>[];
}

/** The breaker over what the file protects and what `others` add to its register. */
export function breakerModule(file: BreakerFile, others: readonly DeployModule[]): DeployModule {
  const registrations = (context: Context): Required<Registration> => {
    const added = others.map((module) => module.registers?.(context) ?? {});
    return {
      targets: [...file.protect.map(toTarget), ...added.flatMap(({ targets = [] }) => targets)],
      trippers: [
        ...file.trippers.map(({ caller, group }) => ({ caller, group: groupId(file, group) })),
        ...added.flatMap(({ trippers = [] }) => trippers),
      ],
    };
  };
  const groupsOf = (context: Context) =>
    file.groups.map(({ name, members }) => ({
      id: name.id,
      targets: members.map((member) => context.targetOf(member.contract)),
      selectors: members.map((member) => member.function.selector),
    }));
  return {
    name: "breaker",
    contracts: ["breaker"],
    creations: (context) => [
      {
        contract: "breaker",
        code: encodeDeployData({
          ...circuitBreaker,
          args: [
            context.addressOf("council"),
            context.addressOf("timelock"),
            { ...registrations(context), groups: groupsOf(context), programs: [] },
          ],
        }),
      },
    ],
    openCalls: (context) => armings(context, registrations(context)),
    expects: (context) => expectationsOf(context, registrations(context), groupsOf(context)),
  };
}

/** The id of the group `name` of the file. */
export function groupId({ groups }: Pick<BreakerFile, "groups">, name: string): Hex {
  return groups.find((group) => group.name.name === name)!.name.id;
}

function toTarget(contract: BreakerFile["protect"][number]): TargetEntry {
  return {
    target: contract.address,
    inlined: contract.mode === "inline",
    guarded: contract.guarded.map(({ selector }) => selector),
    exempt: contract.exempt.map(({ selector }) => selector),
  };
}

// Kinds of ICircuitBreaker, in its order.
const kinds = ["unknown", "guarded", "exempt", "guarded", "exempt"] as const;

function expectationsOf(
  context: Context,
  { targets, trippers }: Required<Registration>,
  groups: readonly { readonly id: Hex; readonly targets: readonly Address[]; readonly selectors: readonly Hex[] }[],
): readonly Expectation[] {
  const to = context.addressOf("breaker");
  const base = { kind: "call", module: "breaker", to, abi: circuitBreaker.abi } as const;
  return [
    { ...base, field: "council", functionName: "council", expected: context.addressOf("council") },
    { ...base, field: "timelock", functionName: "timelock", expected: context.addressOf("timelock") },
    { ...base, field: "targets", functionName: "targets", expected: targets.map(({ target }) => target) },
    ...targets.flatMap((entry): Expectation[] => [
      {
        ...base,
        field: `functions of ${entry.target}`,
        functionName: "selectorsOf",
        args: [entry.target],
        expected: [...entry.guarded, ...entry.exempt],
      },
      ...[...entry.guarded, ...entry.exempt].map(
        (selector, i): Expectation => ({
          ...base,
          field: `kind of ${selector} of ${entry.target}`,
          functionName: "kindOf",
          args: [entry.target, selector],
          pick: (kind: number) => `${kinds[kind]}, ${kind > 2 ? "external" : "inline"}`,
          expected: `${i < entry.guarded.length ? "guarded" : "exempt"}, ${entry.inlined ? "inline" : "external"}`,
        }),
      ),
      {
        ...base,
        field: `health of ${entry.target}`,
        functionName: "targetHealthy",
        args: [entry.target],
        pick: ([isHealthy]: readonly [boolean, Hex]) => isHealthy,
        expected: true,
      },
    ]),
    ...groups.map(
      ({ id, targets: members, selectors }): Expectation => ({
        ...base,
        field: `group ${id}`,
        functionName: "groupOf",
        args: [id],
        expected: [members, selectors],
      }),
    ),
    ...trippers.map(
      ({ caller, group }): Expectation => ({
        ...base,
        field: `tripper ${caller} of group ${group}`,
        functionName: "isTripper",
        args: [caller, group],
        expected: true,
      }),
    ),
    ...targets.flatMap(armedProofs),
    ...strangersTo(trippers, groups).map(
      ({ caller, group }): Expectation => ({
        ...base,
        field: `tripper ${caller} of group ${group}`,
        functionName: "isTripper",
        args: [caller, group],
        expected: false,
      }),
    ),
    healthyOf(base),
    // No function lists trippers and programs. Both come in by the constructor or by `register`, which says so.
    {
      kind: "logs",
      module: "breaker",
      field: "calls of register after the deployment",
      address: to,
      abi: circuitBreaker.abi,
      events: ["Tightened"],
      sum: (logs) => logs.filter(({ args }) => String(args.subject).startsWith(to)).length,
      expected: 0,
    },
  ];
}

// The groups that a tripper of the deployment may not trip: each is registered for its own alone.
function strangersTo(
  trippers: Required<Registration>["trippers"],
  groups: readonly { readonly id: Hex }[],
): Required<Registration>["trippers"] {
  const callers = [...new Set(trippers.map(({ caller }) => caller))];
  const own = new Set(trippers.map(({ caller, group }) => `${caller} ${group}`));
  return callers.flatMap((caller) =>
    groups.filter(({ id }) => !own.has(`${caller} ${id}`)).map(({ id }) => ({ caller, group: id })),
  );
}

// The first pause of an inline function finds its slot in use. Of an external target `register` does that.
function armings(context: Context, { targets }: Required<Registration>): readonly Setting[] {
  const to = context.addressOf("breaker");
  return targets
    .filter(({ inlined }) => inlined)
    .map((entry) => ({
      what: `arm ${entry.target}`,
      to,
      data: encodeFunctionData({ abi: circuitBreaker.abi, functionName: "arm", args: [entry.target] }),
      proofs: armedProofs(entry),
    }));
}

function armedProofs({ target, inlined, guarded, exempt }: TargetEntry): readonly CallExpectation[] {
  if (!inlined) return [];
  return [...guarded, ...exempt].map((selector) => ({
    kind: "call",
    module: "breaker",
    field: `arming of ${selector} of ${target}`,
    to: target,
    abi: selectorBreaker.abi,
    functionName: "pauseWord",
    args: [selector],
    pick: (word: bigint) => (word === 0n ? "not armed" : "armed"),
    expected: "armed",
  }));
}
