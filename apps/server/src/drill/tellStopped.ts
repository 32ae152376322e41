import { findReceipt } from "@testudo/chain/act/sendAction";
import type { SentTransaction } from "./Scenario.ts";
import type { Scene } from "./Scene.ts";

/** Tells the scene's `onStopped` of the attack's transactions among `sent` that reverted. */
export async function tellStopped({ endpoint, options }: Scene, sent: readonly SentTransaction[]): Promise<void> {
  const attack = sent.filter((tx) => tx.role === "attack");
  const receipts = await Promise.all(attack.map((tx) => findReceipt(endpoint, [tx.hash])));
  const stopped = attack.filter((_, i) => receipts[i]?.succeeded === false);
  if (stopped.length > 0) options.onStopped(stopped);
}
