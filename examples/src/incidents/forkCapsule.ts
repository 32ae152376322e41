import { startAnvil } from "@testudo/chain/fork/startAnvil";
import type { Address, Hex } from "viem";
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

/**
 * Serves `capsule` on a free port and returns an anvil, started with `anvilArgs` too, that forks it.
 * The anvil mines on request only: a block must hold what a test puts there, and nothing else.
 */
export async function forkCapsule(capsule: Capsule, anvilArgs: readonly string[] = []): Promise<CapsuleFork> {
  const source = await (await loadFrozenRpc()).serve(capsule, 0);
  const args = ["--no-storage-caching", "--no-rate-limit", ...anvilArgs];
  const anvil = await startAnvil({ forkUrl: source.url, noMining: true, args }).catch(async (cause) => {
    await source.close();
    throw cause;
  });
  return {
    rpcUrl: anvil.url,
    chainId: capsule.chainId,
    missing: async () => (await (await fetch(`${source.url}/missing`)).json()) as MissingState,
    async close() {
      await anvil.stop();
      await source.close();
    },
  };
}
