import { mkdirSync, rmSync } from "node:fs";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { lockFolder } from "../store/lockFolder.ts";
import type { Watch } from "../watch/Watch.ts";
import type { DefendedRun } from "./DefendedRun.ts";
import { blockSeconds } from "./DrillClock.ts";
import { deployDefended } from "./deployDefended.ts";
import { openLogbook } from "./Logbook.ts";
import { makeGuardians } from "./makeGuardians.ts";
import { orStopped } from "./orStopped.ts";
import { genesisSeconds } from "./playNaive.ts";
import { playSlots } from "./playSlots.ts";
import type { DefendedOptions, Scene } from "./Scene.ts";
import { startWatch } from "./startWatch.ts";

/** Plays `scenario` with the protocol behind our contracts and a watch on it, in blocks of two seconds. Throws DrillStopped. */
export async function playDefended(options: DefendedOptions): Promise<DefendedRun> {
  const { dataDir, scenario, seed } = options;
  // A drill that still serves from this folder must not lose it under its feet.
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  lockFolder(dataDir)();
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const anvil = await startAnvil({
    noMining: true,
    timestamp: genesisSeconds,
    args: scenario.anvilArgs ?? [],
    ...(options.anvilPort === undefined ? {} : { port: options.anvilPort }),
  });
  const stop = new AbortController();
  options.signal.addEventListener("abort", () => stop.abort(), { once: true });
  let watch: Watch | undefined;
  const close = async () => {
    stop.abort();
    await watch?.done.catch(() => undefined);
    await anvil.stop();
  };
  try {
    options.onStage("deploying the protocol with its defence");
    const guardians = await makeGuardians(dataDir);
    const endpoint = openEndpoint(anvil.url);
    // From the first block on: otherwise times depend on how long deploying takes.
    await endpoint.request("anvil_setBlockTimestampInterval", [blockSeconds]);
    const { signal } = options;
    const { stage, defence } = await orStopped(deployDefended(anvil, endpoint, scenario, seed, guardians), signal);
    const scene: Scene = { options, anvil, endpoint, stage, defence, guardians, stop };
    const seen = openLogbook();
    watch = await startWatch(scene, seen);
    return {
      ...(await orStopped(playSlots(scene, watch, seen), signal)),
      defence,
      url: watch.url,
      rpcUrl: anvil.url,
      close,
      keepMining: async () => void (await endpoint.request("evm_setIntervalMining", [blockSeconds])),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
