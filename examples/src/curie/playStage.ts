import { type ChainSession, rpc } from "./ChainSession.ts";
import type { Stage } from "./scenario.ts";

/** Plays all slots of a stage, one mined block each; `afterSlot` sees the chain after each block. */
export async function playStage(
  session: ChainSession,
  stage: Stage,
  afterSlot: (slot: number) => Promise<void> = async () => {},
): Promise<void> {
  for (let slot = 0; slot < stage.slots; slot++) {
    await stage.act(slot);
    await rpc(session.client, "evm_mine", []);
    await afterSlot(slot);
  }
}
