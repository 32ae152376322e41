import type { Severity } from "@testudo/core/model/Finding";
import { type JudgeTxOptions, judgeTx, type TxFinding } from "@testudo/core/pipeline/judgeTx";
import { failureOf } from "./failureOf.ts";
import { readTraceFile } from "./readTraceFile.ts";
import { TraceFault } from "./TraceFault.ts";

/** What is said about one file, in the order of the files. `file` as it was given. */
export type FileVerdict =
  | {
      readonly file: string;
      readonly detected: boolean;
      readonly severity: Severity | null;
      readonly findings: readonly Omit<TxFinding, "subject">[];
      /** Milliseconds from the file's reading to the verdict. */
      readonly ms: number;
    }
  | { readonly file: string; readonly error: string };

/**
 * Judges one file after the other, so that memory holds one tree; stops between two files, or while it waits for a pipe, when
 * `signal` fires. `onNotJudged` is told of each detector that a tree lacks something for.
 */
export async function* detectFiles(
  files: Iterable<string>,
  options: JudgeTxOptions,
  signal: AbortSignal,
  onNotJudged: (detector: string) => void = () => undefined,
): AsyncGenerator<FileVerdict> {
  for (const file of files) {
    if (signal.aborted) return;
    const verdict = await detectFile(file, options, signal, onNotJudged);
    if (verdict === undefined) return;
    yield verdict;
    // A loop over files that are all in the cache would never come to a signal.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Undefined where `signal` fired before the file was read. */
async function detectFile(
  file: string,
  options: JudgeTxOptions,
  signal: AbortSignal,
  onNotJudged: (detector: string) => void,
): Promise<FileVerdict | undefined> {
  const startMs = performance.now();
  try {
    const trace = await readTraceFile(file, signal);
    const { detected, severity, findings, notJudged, failed } = await judgeTx({ trace }, options);
    for (const detector of notJudged) onNotJudged(detector);
    // Silence counts only where every detector that could judge did.
    if (failed.length > 0 && !detected) return { file, error: failureOf(failed) };
    const ms = Math.round((performance.now() - startMs) * 1000) / 1000;
    return { file, detected, severity, findings: findings.map(({ subject: _, ...told }) => told), ms };
  } catch (error) {
    if (error instanceof TraceFault) return { file, error: error.message };
    if (signal.aborted) return undefined;
    throw error;
  }
}
