import type { DrillClock } from "./DrillClock.ts";
import { readPaused } from "./readPaused.ts";
import type { Shown } from "./Scenario.ts";
import type { Scene } from "./Scene.ts";
import type { PausedSelector } from "./scorecard.ts";

/** What stands paused, and what works meanwhile. */
export interface Tried {
  readonly pausedSelectors: readonly PausedSelector[];
  readonly riskReducing: readonly Shown[];
}

/**
 * What stands paused, and what works meanwhile, tried by real transactions. To be called as soon as the pause is in
 * force, while the attack goes on around it: it takes one block of the chain's.
 */
export async function tryWhilePaused(scene: Scene, clock: DrillClock): Promise<Tried> {
  const { options, stage } = scene;
  const pausedSelectors = await readPaused(scene);
  options.onStage("what must stay open is tried by real transactions");
  const mine = async () => void (await clock.nextBlock());
  return { pausedSelectors, riskReducing: await stage.riskReducing(mine) };
}
