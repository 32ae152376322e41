import type { Capsule } from "@testudo/lab/Capsule";
import { confirmOn } from "@testudo/lab/confirmOn";
import type { Scenario } from "@testudo/lab/raid/Scenario";
import { anvilPeer } from "../capsule/openAnvil.ts";
import type { CarriedPlan } from "../jobs/raidWorker.ts";
import type { RaidFinding } from "./RaidReport.ts";

/** Runs a plan's capsule on anvil: the same must come of each transaction, and his accounts must gain what the search says. */
export async function confirmFind(
  { assets }: Scenario,
  { accounts, gainWad, costWad }: CarriedPlan,
  capsule: Capsule,
): Promise<RaidFinding["confirmed"]> {
  const engine = anvilPeer.name;
  const watch = assets.flatMap(({ token }) =>
    accounts.map((holder) => (token === undefined ? { holder } : { holder, token })),
  );
  try {
    const { ok, difference, holdings } = await confirmOn(anvilPeer, capsule, { watch });
    if (!ok) return { engine, ok, difference: told(difference!) };
    const worth = (side: "before" | "after"): bigint =>
      assets.reduce((sum, { priceWad, decimals }, i) => {
        const held = holdings.slice(i * accounts.length, (i + 1) * accounts.length);
        const amount = held.reduce((all, each) => all + (each[side] ?? 0n), 0n);
        return sum + (amount * priceWad) / 10n ** BigInt(decimals);
      }, 0n);
    const gained = worth("after") - worth("before") - BigInt(costWad);
    if (gained >= BigInt(gainWad)) return { engine, ok, difference: null };
    return { engine, ok: false, difference: `expected a gain of ${gainWad}, got ${gained}` };
  } catch (error) {
    // What cannot be run there is not confirmed there.
    const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { engine, ok: false, difference: line! };
  }
}

function told({ tx, expected, got }: { tx: number | null; expected: string; got: string }): string {
  return `${tx === null ? "a holding" : `transaction ${tx + 1}`}: expected ${expected}, got ${got}`;
}
