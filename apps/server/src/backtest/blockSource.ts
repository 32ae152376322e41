import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { logsOf } from "@testudo/core/model/CallTree";
import type { OpenEvm } from "@testudo/core/model/Evm";
import type { Address } from "@testudo/core/model/Hex";
import { type ReplayedTransaction, replayBlock } from "@testudo/lab/capsule/replayBlock";
import { parseRecordedBlock, type RecordedBlock } from "@testudo/lab/record/parseRecordedBlock";
import type { EvaluationCase, Truth } from "./Case.ts";
import type { CaseSource } from "./CaseSource.ts";
import { caseOf } from "./caseOf.ts";
import { faultOf } from "./faultOf.ts";
import type { Labels } from "./readLabels.ts";

// A block of mainnet stands for one slot of its chain.
const secondsPerBlock = 12;

export interface BlockSourceOptions {
  readonly openEvm: OpenEvm;
  readonly protect?: readonly Address[];
  /** Without logs and without state: what remains is the shape of the call tree (BAR-04). */
  readonly isBare?: boolean;
  readonly labels?: Labels;
}

/** Recorded blocks, each executed on its own pre-state. What is not labelled is ordinary traffic, as far as anybody knows. */
export function blockSource(files: readonly string[], options: BlockSourceOptions): CaseSource {
  const hashes = new Map<string, string>();
  let blocks = 0;
  return {
    kind: "blocks",
    hashes,
    coveredSeconds: () => blocks * secondsPerBlock,
    async *cases(signal, onProgress) {
      for (const [index, file] of files.entries()) {
        if (signal.aborted) return;
        const name = basename(file);
        try {
          const bytes = readFileSync(file);
          hashes.set(name, createHash("sha256").update(bytes).digest("hex"));
          const recorded = parseRecordedBlock(bytes, file);
          blocks += 1;
          yield* casesOf(recorded, name, options, signal, (done) =>
            onProgress({
              done: index + done / Math.max(1, recorded.transactions.length),
              total: files.length,
              what: `block ${recorded.block.number}: ${done} of ${recorded.transactions.length} transactions`,
            }),
          );
        } catch (error) {
          yield faultOf(file, error);
        }
      }
    },
  };
}

async function* casesOf(
  recorded: RecordedBlock,
  source: string,
  options: BlockSourceOptions,
  signal: AbortSignal,
  onDone: (done: number) => void,
): AsyncGenerator<EvaluationCase> {
  let done = 0;
  for await (const replayed of replayBlock(recorded, options.openEvm)) {
    if (signal.aborted) return;
    yield await judgeReplayed(replayed, recorded, source, options);
    done += 1;
    onDone(done);
  }
}

async function judgeReplayed(
  { tx, outcome, answer }: ReplayedTransaction,
  { block }: RecordedBlock,
  source: string,
  { protect, isBare, labels }: BlockSourceOptions,
): Promise<EvaluationCase> {
  const label = labels?.get(tx.hash);
  const truth: Truth = label?.truth ?? "benign";
  if (outcome.kind === "refused") return { kind: "skipped", tx: tx.hash, truth, source, reason: outcome.reason };
  const { trace } = outcome;
  const known = { hash: tx.hash, nonce: tx.nonce, chainId: block.chainId, block };
  const verdict = await caseOf(
    isBare ? { ...known, trace: withoutLogs(trace) } : { ...known, trace, logs: logsOf(trace) },
    { ...(protect ? { protect } : {}), ...(isBare ? {} : { answer }) },
  );
  const { mechanism, name } = label ?? {};
  return {
    kind: "judged",
    tx: tx.hash,
    truth,
    source,
    at: Number(block.timestamp),
    ...(mechanism === undefined ? {} : { mechanism }),
    ...(name === undefined ? {} : { name }),
    ...verdict,
  };
}

function withoutLogs(frame: CallFrame): CallFrame {
  return { ...frame, logs: [], calls: frame.calls.map(withoutLogs) };
}
