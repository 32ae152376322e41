import { type ForkCall, type ForkResult, openFork } from "@testudo/chain/forkAt";
import type { Hex } from "@testudo/core/model/Hex";
import type { Chain } from "./openChain.ts";
import type { Prepared } from "./preparePlan.ts";

/** What creating takes, measured on a private copy of the chain. */
export interface RehearsedGas {
  readonly total: bigint;
  readonly byContract: readonly (readonly [contract: string, gas: bigint])[];
}

/**
 * The gas of each creation that is still to be made, and of the timelock's settings together, tried one after the other
 * on a fork of the newest block. Settings are tried as if their time had come. Throws RehearsalFailed.
 */
export async function rehearseCreations({ endpoint }: Chain, { plan, blueprint }: Prepared): Promise<RehearsedGas> {
  const missing = plan.contracts.filter(({ block }) => block === undefined);
  const creations = missing.map(({ name }): Step => [name, { from: plan.deployer, data: blueprint.codes.get(name)! }]);
  // Those of a deployment that stands were tried when they were proposed, and may be in force.
  const settings = plan.contracts.length > missing.length ? [] : blueprint.settings;
  const from = blueprint.addressOf("timelock");
  const steps = [...creations, ...settings.map(({ what, to, data }): Step => [what, { from, to, data }])];
  if (steps.length === 0) return { total: 0n, byContract: [] };
  const results = await replay(
    endpoint,
    steps.map(([, call]) => call),
  );
  results.forEach(({ succeeded, detail }, i) => {
    if (!succeeded) throw new RehearsalFailed(steps[i]![0], detail);
  });
  const sum = (some: readonly ForkResult[]) => some.reduce((total, { gasUsed }) => total + gasUsed, 0n);
  const byContract = missing.map(({ name }, i) => [name, results[i]!.gasUsed] as const);
  const settled = results.slice(missing.length);
  return {
    total: sum(results),
    byContract: settled.length === 0 ? byContract : [...byContract, ["settings", sum(settled)]],
  };
}

type Step = readonly [what: string, call: ForkCall];

async function replay(endpoint: Chain["endpoint"], calls: readonly ForkCall[]): Promise<readonly ForkResult[]> {
  const block = (await endpoint.request("eth_getBlockByNumber", ["latest", false])) as Record<string, Hex>;
  const ref = {
    number: BigInt(block.number!),
    hash: block.hash!,
    parentHash: block.parentHash!,
    timestamp: BigInt(block.timestamp!),
  };
  const fork = openFork([endpoint]);
  try {
    return await fork.replay(ref, calls);
  } finally {
    await fork.stop();
  }
}

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
