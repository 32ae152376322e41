import { type Confirmed, confirmPlan } from "@testudo/lab/raid/confirmPlan";
import type { Scenario } from "@testudo/lab/raid/Scenario";
import type { Capsule } from "@testudo/lab/record/Capsule";
import { anvilPeer } from "../capsule/openAnvil.ts";
import type { CarriedPlan } from "../jobs/search/raidWorker.ts";

/** Runs a plan's capsule on anvil: the same must come of each transaction, and of what the search says of it. */
export function confirmFind(scenario: Scenario, plan: CarriedPlan, capsule: Capsule): Promise<Confirmed> {
  const figure = scenario.figures.find(({ name }) => name === plan.figure);
  return confirmPlan(anvilPeer, capsule, {
    scenario,
    accounts: plan.accounts,
    gainWad: BigInt(plan.gainWad),
    costWad: BigInt(plan.costWad),
    ...(figure === undefined ? {} : { figure }),
  });
}
