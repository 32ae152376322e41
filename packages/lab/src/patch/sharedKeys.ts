// What of a payload's own writes is not its own alone: it can take from those whom it is to leave as they were.
import type { OpenEvm } from "@testudo/core/model/Evm";
import { watchState } from "../capsule/watchedState.ts";
import { openEvm as openOurs } from "../engine/openEvm.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Baseline } from "./playBaseline.ts";
import { playTransactions } from "./playTransactions.ts";
import { readKeys } from "./readState.ts";

/** Which of `keys` a benign transaction writes where nothing is patched, also where a later one puts it back. */
export async function sharedKeys(
  { capsule, benign }: Baseline,
  keys: readonly string[],
  openEvm: OpenEvm = openOurs,
): Promise<ReadonlySet<string>> {
  const shared = new Set<string>();
  if (benign.length === 0 || keys.length === 0) return shared;
  const evm = await openEvm(watchState(capsule).source, blockOf(capsule, benign[0]!.tx.blockNumber));
  let words = await readKeys(evm, keys);
  await playTransactions(evm, capsule, benign, {
    onOutcome: async () => {
      const now = await readKeys(evm, keys);
      for (const key of keys) if (now.get(key) !== words.get(key)) shared.add(key);
      words = now;
    },
  });
  return shared;
}
