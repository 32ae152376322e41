import { join } from "node:path";
import { fetchChainId } from "@testudo/chain/block/fetchChainId";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { countOf } from "@testudo/core/model/countOf";
import { type EvaluationCase, judgingDetectors } from "../../backtest/Case.ts";
import { type Comparison, compareReports } from "../../backtest/compareReports.ts";
import { listSource } from "../../backtest/listSource.ts";
import { mergeCases } from "../../backtest/mergeCases.ts";
import { type HashList, readHashList } from "../../backtest/readHashList.ts";
import { casesOfOther, type OtherVerdicts, readOtherVerdicts } from "../../backtest/readOtherVerdicts.ts";
import { renderMarkdown } from "../../backtest/renderMarkdown.ts";
import { runBacktest } from "../../backtest/runBacktest.ts";
import { openVerdictFile, type VerdictFile } from "../../backtest/VerdictFile.ts";
import { programVersion } from "../../config/programVersion.ts";
import { lockFolder } from "../../store/lockFolder.ts";
import { openNode } from "../../watch/openNode.ts";
import { makeOutFolder } from "../files/outFolder.ts";
import { writeReport } from "../files/writeReport.ts";
import { assertUrl } from "../flags/nodeFlags.ts";
import { printLine, printNote } from "../terminal/printLine.ts";
import { progressLine } from "../terminal/progressLine.ts";
import { interruptedCode, stopSignal } from "../terminal/stopSignal.ts";

/** The options of `testudo bench defiattackbench`, as given. */
export interface ListBenchFlags {
  readonly rpc: string;
  readonly list: string;
  readonly out?: string;
  readonly against?: string;
  readonly json?: boolean;
}

/**
 * Judges the transactions of a list from a node and tells the result. Stopped by Ctrl-C it tells what it has, marked as
 * incomplete, and ends with 130. Throws UsageError for files that cannot be meant, and RpcUnreachable where the node stays
 * away; with `out` the same command then goes on.
 */
export async function standListBench(flags: ListBenchFlags): Promise<void> {
  assertUrl("--rpc", flags.rpc);
  const list = readHashList(flags.list);
  const other = flags.against === undefined ? undefined : readOtherVerdicts(flags.against);
  if (flags.out !== undefined) makeOutFolder("--out", flags.out);
  const signal = stopSignal();
  const endpoint = await openNode(flags.rpc);
  const verdicts = flags.out === undefined ? undefined : await openVerdicts(flags.out, endpoint);
  tellContradictions(list);
  if (verdicts !== undefined && verdicts.known.size > 0)
    printNote(`${verdicts.known.size} verdicts were kept before; they are not fetched again.`);
  const progress = progressLine();
  const { report, cases } = await runBacktest([listSource(list, { endpoint, ...(verdicts ? { verdicts } : {}) })], {
    signal,
    onProgress: progress.show,
    onFault: ({ source, message }) => progress.note(`error: ${source}: ${message}`),
  }).finally(() => {
    progress.end();
    verdicts?.close();
    endpoint.close();
    if (verdicts !== undefined)
      printNote(`Verdicts stand in "${flags.out}"; the same command asks for no more than the rest.`);
  });
  const comparison = other && compareWith(other, list, cases);
  writeReport(flags, report, cases, comparison);
  if (flags.json) printLine(JSON.stringify(comparison === undefined ? report : { ...report, comparison }));
  else printLine(renderMarkdown(report, comparison));
  if (!signal.aborted) return;
  printNote("Stopped before the end: the result is of a part, and says so.");
  process.exitCode = interruptedCode;
}

/** The verdicts in `folder`, which is ours until they are closed. */
async function openVerdicts(folder: string, endpoint: Endpoint): Promise<VerdictFile> {
  const chainId = await fetchChainId(endpoint);
  const detectors = Object.fromEntries(judgingDetectors().map(({ id, version }) => [id, version]));
  const unlock = lockFolder(folder);
  try {
    const file = openVerdictFile(join(folder, "verdicts.jsonl"), { chainId, version: programVersion, detectors });
    return {
      ...file,
      close() {
        file.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

// Counted as attacks, as when sets are merged (EVAL-03); whoever keeps the list should know.
function tellContradictions({ entries }: HashList): void {
  const attacks = new Set(entries.filter(({ truth }) => truth === "attack").map(({ tx }) => tx));
  const both = new Set(entries.filter(({ tx, truth }) => truth === "benign" && attacks.has(tx)).map(({ tx }) => tx));
  if (both.size > 0)
    printNote(
      `${countOf(both.size, "transaction is", "transactions are")} listed as attack and as benign; ${both.size === 1 ? "it counts as an attack" : "they count as attacks"}.`,
    );
}

function compareWith(other: OtherVerdicts, { entries }: HashList, cases: readonly EvaluationCase[]): Comparison {
  const merged = mergeCases(cases).cases;
  return { ...compareReports(merged, mergeCases(casesOfOther(other, entries)).cases), other: other.name };
}
