import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { orStopped } from "./orStopped.ts";
import type { Scenario, Shown } from "./Scenario.ts";

/** When every drill's chain begins (Unix seconds): the same seed gives the same blocks. */
export const genesisSeconds = 1_750_000_000;

/** What happened to the protocol without us. */
export interface NaiveRun {
  readonly lossUsd: number;
  /** What the protocol's own pause does. */
  readonly contrast: readonly Shown[];
}

/** How the naive run is played. */
export interface NaiveOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly onSlot: (slot: number, of: number) => void;
  readonly signal: AbortSignal;
}

/** Plays the scenario once without any defence, block by block as fast as the chain goes. Throws DrillStopped. */
export async function playNaive(options: NaiveOptions): Promise<NaiveRun> {
  const anvil = await startAnvil({ noMining: true, timestamp: genesisSeconds, args: options.scenario.anvilArgs ?? [] });
  try {
    return await orStopped(play(anvil.url, options), options.signal);
  } finally {
    await anvil.stop();
  }
}

async function play(rpcUrl: string, { scenario, seed, onSlot, signal }: NaiveOptions): Promise<NaiveRun> {
  const endpoint = openEndpoint(rpcUrl);
  const stage = await scenario.setup({ rpcUrl, seed });
  for (let slot = 0; slot < stage.slots && !signal.aborted; slot += 1) {
    onSlot(slot + 1, stage.slots);
    await stage.act(slot);
    await endpoint.request("evm_mine");
  }
  await stage.settle();
  const lossUsd = await stage.lossUsd();
  return { lossUsd, contrast: await stage.contrast() };
}
