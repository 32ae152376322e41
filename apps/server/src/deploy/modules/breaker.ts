import { circuitBreaker, selectorBreaker } from "@testudo/contracts";
import type { Hex } from "@testudo/core/model/Hex";
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import type {
  CallExpectation,
  Context,
  DeployModule,
  Expectation,
  ProgramEntry,
  Registration,
  Setting,
  TargetEntry,
} from "../DeployModule.ts";
import { whyOf } from "../DeployModule.ts";
import type { BreakerFile } from "./breakerSchema.ts";
import { healthyOf } from "./healthyOf.ts";
import { type Register, registeredLater } from "./registeredLater.ts";

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
  const programsOf = (context: Context) =>
    (file.programs ?? []).map(
      ({ caller, contract, function: { selector } }): ProgramEntry => ({
        caller,
        target: context.targetOf(contract),
        selector,
      }),
    );
  const registerOf = (context: Context): Register => ({
    ...registrations(context),
    groups: groupsOf(context),
    programs: programsOf(context),
  });
  return {
    name: "breaker",
    contracts: ["breaker"],
    creations: (context) => [
      {
        contract: "breaker",
        code: encodeDeployData({
          ...circuitBreaker,
          args: [context.addressOf("council"), context.addressOf("timelock"), registerOf(context)],
        }),
      },
    ],
    // The constructor registers those of a new breaker.
    settings: (context) => programsOf(context).map((program) => programSetting(context, program)),
    openCalls: (context) => armings(context, registrations(context)),
    expects: (context) => expectationsOf(context, registerOf(context)),
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

function expectationsOf(context: Context, register: Register): readonly Expectation[] {
  const { targets, trippers, groups, programs } = register;
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
    ...programs.map((program) => programProof(context, program, true)),
    ...strangersAmong(programs, targets).map((program) => programProof(context, program, false)),
    healthyOf(base),
    registeredLater(context, register),
  ];
}

function programSetting(context: Context, program: ProgramEntry): Setting {
  const { caller, target, selector } = program;
  const config = { targets: [], groups: [], trippers: [], programs: [program] };
  return {
    what: `breaker: ${caller} may set guard rules on ${selector} of ${target}`,
    to: context.addressOf("breaker"),
    data: encodeFunctionData({ abi: circuitBreaker.abi, functionName: "register", args: [config, whyOf(context)] }),
    proofs: [programProof(context, program, true)],
  };
}

function programProof(
  context: Context,
  { caller, target, selector }: ProgramEntry,
  expected: boolean,
): CallExpectation {
  return {
    kind: "call",
    module: "breaker",
    field: `program ${caller} on ${selector} of ${target}`,
    to: context.addressOf("breaker"),
    abi: circuitBreaker.abi,
    functionName: "isProgram",
    args: [caller, target, selector],
    expected,
  };
}

// The guarded functions on which a program of the file may set no rule: each is registered for its own alone.
function strangersAmong(programs: readonly ProgramEntry[], targets: readonly TargetEntry[]): readonly ProgramEntry[] {
  const callers = [...new Set(programs.map(({ caller }) => caller))];
  const keyOf = ({ caller, target, selector }: ProgramEntry) => `${caller} ${target} ${selector}`;
  const own = new Set(programs.map(keyOf));
  return callers
    .flatMap((caller) =>
      targets.flatMap(({ target, guarded }) => guarded.map((selector) => ({ caller, target, selector }))),
    )
    .filter((program) => !own.has(keyOf(program)));
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
