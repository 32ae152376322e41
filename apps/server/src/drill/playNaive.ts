import { openEndpoint } from "@testudo/chain/rpcEndpoint";
import { startAnvil } from "@testudo/chain/startAnvil";
import type { Scenario, Shown } from "./Scenario.ts";

/** When every drill's chain begins (Unix seconds): the same seed gives the same blocks. */
export const genesisSeconds = 1_750_000_000;

/** What happened to the protocol without us. */
export interface NaiveRun {
  readonly lossUsd: number;
  /** What the protocol's own pause does. */
  readonly contrast: readonly Shown[];
}

/** Plays `scenario` once without any defence, block by block as fast as the chain goes. */
export async function playNaive(
  scenario: Scenario,
  seed: number,
  onSlot: (slot: number, of: number) => void,
): Promise<NaiveRun> {
  const anvil = await startAnvil({ noMining: true, timestamp: genesisSeconds });
  try {
    const endpoint = openEndpoint(anvil.url);
    const stage = await scenario.setup({ rpcUrl: anvil.url, seed });
    for (let slot = 0; slot < stage.slots; slot += 1) {
      onSlot(slot + 1, stage.slots);
      await stage.act(slot);
      await endpoint.request("evm_mine");
    }
    await stage.settle();
    const lossUsd = await stage.lossUsd();
    return { lossUsd, contrast: await stage.contrast() };
  } finally {
    await anvil.stop();
  }
}
