import { startAnvil as startNode } from "@testudo/chain/fork/startAnvil";

/** A local chain in a child process. */
export type Anvil = { readonly rpcUrl: string; readonly stop: () => Promise<void> };

// A fixed first block: with the timestamp interval it makes every block's hash a function of the seed.
const genesisSeconds = 1_750_000_000;

/** Starts anvil without automatic mining on a free port of 127.0.0.1, at the drill's first second. */
export async function startAnvil(): Promise<Anvil> {
  const { url, stop } = await startNode({ noMining: true, timestamp: genesisSeconds, accounts: 1 });
  return { rpcUrl: url, stop };
}
