import type { Address, Hex } from "viem";
import { startAnvilProcess } from "./anvilProcess.ts";
import { type Capsule, loadFrozenRpc } from "./frozenRpc.ts";

/** What a run asked for and the recorded state does not have: such slots read as 0, such accounts as empty. */
export interface MissingState {
  accounts: Address[];
  slots: { address: Address; slot: Hex }[];
}

/** An anvil that forks a recorded state. */
export interface CapsuleFork {
  rpcUrl: string;
  chainId: number;
  missing(): Promise<MissingState>;
  close(): Promise<void>;
}

/** Serves `capsule` on a free port and returns an anvil, started with `anvilArgs` too, that forks it. */
export async function forkCapsule(capsule: Capsule, anvilArgs: readonly string[] = []): Promise<CapsuleFork> {
  const source = await (await loadFrozenRpc()).serve(capsule, 0);
  const anvil = await startAnvilProcess([
    "--fork-url",
    source.url,
    "--no-storage-caching",
    "--no-rate-limit",
    ...anvilArgs,
  ]).catch(async (cause) => {
    await source.close();
    throw cause;
  });
  return {
    rpcUrl: anvil.rpcUrl,
    chainId: capsule.chainId,
    missing: async () => (await (await fetch(`${source.url}/missing`)).json()) as MissingState,
    async close() {
      await anvil.close();
      await source.close();
    },
  };
}
