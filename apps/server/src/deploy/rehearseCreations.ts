import type { ForkCall, ForkResult } from "@testudo/chain/fork/forkAt";
import type { Address } from "@testudo/core/model/Hex";
import type { Setting } from "./DeployModule.ts";
import type { Chain } from "./openChain.ts";
import type { Prepared } from "./preparePlan.ts";
import { replayAtHead } from "./replayAtHead.ts";

/** What creating takes, measured on a private copy of the chain. */
export interface RehearsedGas {
  readonly total: bigint;
  /** What the deployer pays for: the creations and the calls right after. */
  readonly byDeployer: bigint;
  readonly byContract: readonly (readonly [contract: string, gas: bigint])[];
}

/**
 * The gas of each creation that is still to be made, of the calls that follow it and of the timelock's settings together,
 * tried one after the other on a fork of the newest block. Settings are tried as if their time had come. Throws
 * RehearsalFailed.
 */
export async function rehearseCreations(chain: Chain, { plan, blueprint }: Prepared): Promise<RehearsedGas> {
  const missing = plan.contracts.filter(({ block }) => block === undefined);
  if (missing.length === 0) return { total: 0n, byDeployer: 0n, byContract: [] };
  // Those of a deployment that stands were tried when they were proposed, and may be in force.
  const settings = plan.contracts.length > missing.length ? [] : blueprint.settings;
  const created = creationCalls({ plan, blueprint });
  const parts: readonly Part[] = [
    ...missing.map(({ name }, i): Part => [name, [[name, created[i]!]]]),
    ["calls right after", stepsOf(blueprint.openCalls, plan.deployer)],
    ["settings", stepsOf(settings, blueprint.addressOf("timelock"))],
    ...laterParts(settings.length === 0 ? [] : laterOf({ plan, blueprint }), { plan, blueprint }),
  ];
  const steps = parts.flatMap(([, some]) => some);
  const results = await replayAtHead(chain, () => steps.map(([, call]) => call));
  results.forEach(({ succeeded, detail }, i) => {
    if (!succeeded) throw new RehearsalFailed(steps[i]![0], detail);
  });
  const left = [...results];
  const byContract = parts
    .filter(([, some]) => some.length > 0)
    .map(([name, some]) => [name, sum(left.splice(0, some.length))] as const);
  const byDeployer = sum(results.filter((_, i) => steps[i]![1].from === plan.deployer));
  return { total: sum(results), byDeployer, byContract };
}

function sum(results: readonly ForkResult[]): bigint {
  return results.reduce((total, { gasUsed }) => total + gasUsed, 0n);
}

/** The creations that are still to be made, in their order. */
export function creationCalls({ plan, blueprint }: Prepared): readonly ForkCall[] {
  const missing = plan.contracts.filter(({ block }) => block === undefined);
  return missing.map(({ name }) => ({ from: plan.deployer, data: blueprint.codes.get(name)! }));
}

type Part = readonly [name: string, steps: readonly Step[]];

/** The names of the contracts that follow once the settings hold. */
export function laterOf({ plan, blueprint }: Prepared): readonly string[] {
  const planned = new Set(plan.contracts.map(({ name }) => name));
  return [...blueprint.codes.keys()].filter((name) => !planned.has(name));
}

function laterParts(names: readonly string[], { plan, blueprint }: Prepared): readonly Part[] {
  return names.map((name) => [name, [[name, { from: plan.deployer, data: blueprint.codes.get(name)! }]]]);
}

function stepsOf(calls: readonly Setting[], from: Address): readonly Step[] {
  return calls.map(({ what, to, data }): Step => [what, { from, to, data }]);
}

type Step = readonly [what: string, call: ForkCall];

/** Something of the deployment does not go through on a copy of the chain. */
export class RehearsalFailed extends Error {
  override readonly name = "RehearsalFailed";
  constructor(what: string, detail: string) {
    super(
      `On a copy of the chain, this fails: ${what}: ${detail}\n` +
        "- Every creation and every setting is tried, in their order, before anything is paid for.\n" +
        "- Correct what it names; for a market, look whether its feeds answer now.",
    );
  }
}
