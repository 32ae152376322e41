import { nextBlock } from "./drillBlocks.ts";
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
export async function tryWhilePaused(scene: Scene): Promise<Tried> {
  const { options, stage, endpoint } = scene;
  const pausedSelectors = await readPaused(scene);
  options.onStage("what must stay open is tried by real transactions");
  return { pausedSelectors, riskReducing: await stage.riskReducing(() => nextBlock(endpoint)) };
}
