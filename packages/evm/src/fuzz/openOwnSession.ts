// Our engine as the comparison drives it. `isAsked` gives it nothing at the begin: it asks for each account and slot when a
// run first needs it, so that every transaction stops and goes on many times.

import { toHex } from "../hex.ts";
import { type Engine, type EngineSource, openEngine } from "../openEngine.ts";
import type { EngineTransaction } from "../Transaction.ts";
import { chainId, type FuzzWorld } from "./FuzzWorld.ts";
import { hashOfBlock } from "./hashOfBlock.ts";
import type { Observed } from "./Observed.ts";

export interface OwnSession {
  readonly engine: Engine;
  send(tx: EngineTransaction): Promise<Observed>;
  reset(): void;
}

export async function openOwnSession(
  { fork, block, accounts }: Pick<FuzzWorld, "fork" | "block" | "accounts">,
  isAsked: boolean,
  memoryBytes?: number,
): Promise<OwnSession> {
  const source: EngineSource = {
    account: async (address) => (isAsked ? accounts.get(address) : undefined),
    slot: async (address, key) => accounts.get(address)?.storage.get(key) ?? 0n,
    blockHash: async (number) => hashOfBlock(number),
  };
  const engine = await openEngine({
    fork,
    chainId,
    block,
    source,
    ...(isAsked ? {} : { accounts }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  });
  const begin = engine.snapshot();

  return {
    engine,
    async send(tx) {
      const sent = await engine.sendAsync(tx);
      if (sent.kind === "invalid") return sent;
      return {
        kind: "ran",
        succeeded: sent.succeeded,
        gasUsed: sent.gasUsed,
        output: toHex(sent.output),
        logs: engine.logs().map(({ address, topics, data }) => [address, topics, data]),
        created: sent.created,
      };
    },
    reset: () => engine.rollback(begin),
  };
}
