import type { Store } from "./Store.ts";

const key = "chain";

/** Ties the store to `chainId` at its first use. Throws OtherChain when it holds the blocks of another chain. */
export async function keepChain(store: Store, folder: string, chainId: number): Promise<void> {
  await store.db
    .insertInto("meta")
    .values({ key, value: `${chainId}` })
    .onConflict((c) => c.doNothing())
    .execute();
  const row = await store.db.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirstOrThrow();
  if (row.value !== `${chainId}`) throw new OtherChain(folder, row.value, chainId);
}

/** The data folder belongs to another chain: going on would compare blocks that have nothing in common. */
export class OtherChain extends Error {
  override readonly name = "OtherChain";
  constructor(folder: string, kept: string, given: number) {
    super(
      `Data folder "${folder}" holds chain ${kept}, the nodes are on chain ${given}.\n` +
        "- One folder, one chain.\n" +
        "- Correct --rpc, or choose another folder with --data.",
    );
  }
}
