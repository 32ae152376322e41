// Recorded mainnet blocks on another engine beside ours, transaction by transaction.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { OpenEvm } from "@testudo/core/model/Evm";
import { describe, expect, test } from "vitest";
import { type ReplayedTransaction, replayBlock } from "../capsule/replayBlock.ts";
import { openEvm } from "../engine/openEvm.ts";
import { parseRecordedBlock } from "./parseRecordedBlock.ts";

// Blocks in whose beginning no transaction carries blobs: development nodes want those whole.
const names = ["19469101.json.gz", "19638737.json.gz", "19933597.json.gz"];
const transactionsMax = 40;
const data = process.env.TESTUDO_DATA;
const folder = data === undefined ? "" : join(data, "blocks");

/** What engines say of a failure, and of a refusal, is their own. */
function comparable({ outcome, tx }: ReplayedTransaction): unknown {
  if (outcome.kind === "refused") return { hash: tx.hash, reason: outcome.reason };
  return { hash: tx.hash, ...outcome, trace: withoutWords(outcome.trace) };
}

function withoutWords(frame: CallFrame): unknown {
  const { error, calls, ...rest } = frame;
  const isFailedCreation = error !== undefined && frame.type.startsWith("CREATE");
  const to = isFailedCreation ? "nothing" : frame.to;
  return { ...rest, to, failed: error !== undefined, calls: calls.map(withoutWords) };
}

/** Tests of the engine `open` against ours. Skipped without the data set. */
export function describeRealBlocks(open: OpenEvm): void {
  describe.skipIf(data === undefined || !existsSync(folder))("recorded blocks (set TESTUDO_DATA to run)", () => {
    test.each(names)(
      "EVM-05: %s begins alike: status, gas, output, call tree, logs, refusals and balances",
      async (name) => {
        const recorded = parseRecordedBlock(readFileSync(join(folder, name)), name);
        const block = { ...recorded, transactions: recorded.transactions.slice(0, transactionsMax) };
        const peer = replayBlock(block, open);
        let ran = 0;
        for await (const ours of replayBlock(block, openEvm)) {
          const theirs = (await peer.next()).value!;
          expect(comparable(theirs)).toEqual(comparable(ours));
          if (ours.outcome.kind === "ran") ran += 1;
          const asked = [ours.tx.from, ours.tx.to ?? ours.tx.from, block.block.coinbase].map(
            (address) => ({ kind: "balance", at: "block", address }) as const,
          );
          expect(await theirs.answer(asked)).toEqual(await ours.answer(asked));
        }
        expect(ran).toBeGreaterThan(10);
      },
    );
  });
}
