import type { Capsule } from "@testudo/lab/Capsule";
import { confirmOn } from "@testudo/lab/confirmOn";
import type { Scenario } from "@testudo/lab/raid/Scenario";
import { worthOf } from "@testudo/lab/raid/worthOf";
import { anvilPeer } from "../capsule/openAnvil.ts";
import type { CarriedPlan } from "../jobs/raidWorker.ts";
import type { RaidFinding } from "./RaidReport.ts";

/** Runs a plan's capsule on anvil: the same must come of each transaction, and his accounts must gain what the search says. */
export async function confirmFind(
  scenario: Scenario,
  plan: CarriedPlan,
  capsule: Capsule,
): Promise<RaidFinding["confirmed"]> {
  const engine = anvilPeer.name;
  const watch = scenario.assets.flatMap(({ token }) =>
    plan.accounts.map((holder) => (token === undefined ? { holder } : { holder, token })),
  );
  try {
    const { ok, difference, holdings } = await confirmOn(anvilPeer, capsule, { watch });
    if (!ok) return { engine, ok, difference: told(difference!) };
    const worth = (side: "before" | "after"): bigint =>
      worthOf(
        scenario,
        plan,
        holdings.map((holding) => holding[side] ?? 0n),
      );
    const gained = worth("after") - worth("before") - BigInt(plan.costWad);
    if (gained >= BigInt(plan.gainWad)) return { engine, ok, difference: null };
    return { engine, ok: false, difference: `expected a gain of ${plan.gainWad}, got ${gained}` };
  } catch (error) {
    // What cannot be run there is not confirmed there.
    const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { engine, ok: false, difference: line! };
  }
}

function told({ tx, expected, got }: { tx: number | null; expected: string; got: string }): string {
  return `${tx === null ? "a holding" : `transaction ${tx + 1}`}: expected ${expected}, got ${got}`;
}
