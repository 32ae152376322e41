import { resolve } from "node:path";
import { fetchBlock } from "@testudo/chain/block/fetchBundle";
import { fetchChainId } from "@testudo/chain/block/fetchChainId";
import { fetchHeadNumber } from "@testudo/chain/block/fetchHeadNumber";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { calibrate } from "@testudo/core/calibration/calibrate";
import { reportCalibration } from "@testudo/core/calibration/reportCalibration";
import type { CalibrationCut } from "@testudo/core/model/Calibration";
import { calibrationText } from "../../config/loadCalibration.ts";
import { UsageError } from "../../config/UsageError.ts";
import { printable, printableLines } from "../../deliver/printable.ts";
import { CollectionStopped, collectScores, type FailedOften } from "../../jobs/scores/collectScores.ts";
import { guardDeterminism } from "../../jobs/step/guardDeterminism.ts";
import { loadProgram } from "../../jobs/step/programSource.ts";
import { runningDetector } from "../../jobs/step/runningDetector.ts";
import { replaceFile } from "../../operator/writeFile.ts";
import type { JudgedHistory } from "../../store/foldHistory.ts";
import { readHistory, type StoredHistory } from "../../store/readHistory.ts";
import { openNode } from "../../watch/openNode.ts";
import { assertOutFile } from "../files/outFile.ts";
import { planScope, type Scope } from "../flags/planScope.ts";
import { wholeNumber } from "../flags/wholeNumber.ts";
import { hasStore, withStore } from "../served/openExisting.ts";
import { readServed } from "../served/readServed.ts";
import { findServer } from "../served/serverClient.ts";
import { printLine, printNote } from "../terminal/printLine.ts";
import { interruptedCode, stopSignal } from "../terminal/stopSignal.ts";

/** The options of `testudo calibrate`, as given. */
export interface CalibrateFlags {
  readonly data?: string;
  readonly config?: string;
  readonly rpc?: readonly string[];
  readonly protect?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly cut?: readonly string[];
  readonly out: string;
  readonly json?: boolean;
}

const everyBlocks = 1_000n;

/** Measures, prints the report and writes the file. Stopped by Ctrl-C it says so and ends with 130. Throws UsageError, a ConfigError, RangeEmpty or RangeReorged. */
export async function standCalibration(flags: CalibrateFlags): Promise<void> {
  assertOutFile("--out", flags.out);
  // As in a watch's thread, and before detectors are loaded.
  guardDeterminism(globalThis, runningDetector);
  const plan = await planScope(flags, { name: "calibrate", verb: "measure" });
  const signal = stopSignal();
  const nodes = await Promise.all(plan.rpc.map((url) => openNode(url)));
  try {
    const calibration = await measure(flags, plan, nodes, signal);
    const file = resolve(flags.out);
    replaceFile(file, calibrationText(calibration));
    if (flags.json === true)
      printLine(JSON.stringify({ file, id: calibration.id, report: reportCalibration(calibration) }));
    // Reasons are people's words, and may not steer a terminal.
    else for (const line of reportCalibration(calibration)) printLine(printable(line));
    printNote(`Written to ${file}. To use it: calibration: "${flags.out}" in the configuration.`);
    const taken = (calibration.falseAlarms ?? []).length;
    if (taken > 0)
      printNote(
        `${taken} reviewed false alarm${taken === 1 ? " was" : "s were"} taken in: read each WARNING before the configuration names the file.`,
      );
    if ((calibration.settings ?? []).length > 0)
      printNote("Settings are proposed, not applied: read them, then add applyCalibration: true beside it.");
  } catch (error) {
    if (!(error instanceof CollectionStopped)) throw error;
    printNote(printableLines(error.message));
    process.exitCode = interruptedCode;
  } finally {
    for (const node of nodes) node.close();
  }
}

async function measure(flags: CalibrateFlags, plan: Scope, nodes: readonly Endpoint[], signal: AbortSignal) {
  const chainId = await chainIdOf(nodes);
  // What is measured are the detectors themselves, without what an earlier calibration makes of them.
  const program = await loadProgram(plan.source(chainId));
  const { from, to, cuts, feedback } = await rangeOf(flags, plan);
  await assertThere(nodes, to);
  const before = await blockAt(nodes, from - 1n);
  const onBlock = (number: bigint) => {
    if (number % everyBlocks === 0n) printNote(`Block ${number} of ${to}`);
  };
  const onFailed = ({ detector, blocks, of, message }: FailedOften) =>
    printNote(
      printable(`WARNING: Detector "${detector}" threw on ${blocks} of ${of} blocks, and was silent there: ${message}`),
    );
  const options = { endpoints: nodes, quorum: plan.quorum, program, before, to, signal, onBlock, onFailed };
  const found = await collectScores(options);
  const detectors = program.detectors.map(({ meta }) => ({ id: meta.id, version: meta.version }));
  return calibrate({ chainId, watched: program.watched, detectors, cuts, feedback, uses: program.detectors, ...found });
}

interface Range extends JudgedHistory {
  readonly from: bigint;
  readonly to: bigint;
}

async function rangeOf(flags: CalibrateFlags, plan: Scope): Promise<Range> {
  const most = Number.MAX_SAFE_INTEGER;
  const given = (flag: string, text: string | undefined, least: number) =>
    text === undefined ? undefined : BigInt(wholeNumber(flag, text, least, most));
  const stored = await storedHistory(plan.dataDir);
  const from = given("--from", flags.from, 1) ?? stored.from;
  const to = given("--to", flags.to, 1) ?? stored.to;
  if (from === undefined || to === undefined)
    throw new UsageError(
      "calibrate does not know which blocks to measure.",
      `Needed: --from and --to, or a data folder with a watch in it that is stopped; ${stored.why}.`,
      `Give a range of blocks that the nodes have, a few weeks of them${stored.isInUse ? ", or stop the watch first" : ""}.`,
    );
  if (from > to)
    throw new UsageError(`--from ${from} is above --to ${to}.`, "The range goes upwards.", "Exchange them.");
  return {
    from: from === 0n ? 1n : from,
    to,
    cuts: [...stored.cuts, ...(flags.cut ?? []).map(cutOf)],
    feedback: stored.feedback,
  };
}

type Found = JudgedHistory &
  Partial<StoredHistory> & {
    /** Why there is no range, in words, and whether something uses the folder. */
    readonly why: string;
    readonly isInUse?: true;
  };

// A watch that runs holds its folder; then it is asked, and the range has to be given.
async function storedHistory(dataDir: string): Promise<Found> {
  const nothing = { cuts: [], feedback: { alarms: [], findings: [] }, why: `"${dataDir}" has none` };
  if (!hasStore(dataDir)) return nothing;
  const server = findServer(dataDir);
  if (server !== undefined) return { ...(await readServed(server)), why: `that of "${dataDir}" runs`, isInUse: true };
  try {
    return { ...nothing, ...(await withStore(dataDir, readHistory)) };
  } catch (error) {
    if (!(error instanceof Error && error.name === "FolderLockedError")) throw error;
    printNote(`Something uses "${dataDir}": its range, its incidents and its reviewed false alarms are not read.`);
    return { ...nothing, why: `"${dataDir}" is in use`, isInUse: true };
  }
}

function cutOf(text: string): Omit<CalibrationCut, "transactions"> {
  const [, from = "", to = "", reason = ""] = /^(.+?)\.\.(.+?)=(.+)$/.exec(text) ?? [];
  const [start, end] = [Date.parse(from), Date.parse(to)];
  if (start > end)
    throw new UsageError(
      `--cut "${text}" ends before it begins.`,
      "Allowed: FROM at or before TO.",
      `Exchange them: "${to}..${from}=${reason}".`,
    );
  if (Number.isNaN(start) || Number.isNaN(end))
    throw new UsageError(
      `--cut "${text}" is no range.`,
      'Allowed: "FROM..TO=REASON", for example "2026-05-01T10:00Z..2026-05-01T16:00Z=the drain of May".',
      "Correct it.",
    );
  return { from: BigInt(Math.floor(start / 1_000)), to: BigInt(Math.ceil(end / 1_000)), reason };
}

async function chainIdOf(nodes: readonly Endpoint[]): Promise<number> {
  return firstOf(nodes, fetchChainId);
}

// The nodes would be waited for until the chain gets there.
async function assertThere(nodes: readonly Endpoint[], to: bigint): Promise<void> {
  const newest = await firstOf(nodes, fetchHeadNumber);
  if (to > newest)
    throw new UsageError(
      `--to ${to} is beyond the head of the chain.`,
      `The node's newest block is ${newest}; what is to come cannot be measured.`,
      "Take an earlier block.",
    );
}

async function blockAt(nodes: readonly Endpoint[], number: bigint) {
  return (await firstOf(nodes, (node) => fetchBlock(node, number, false))).ref;
}

async function firstOf<T>(nodes: readonly Endpoint[], ask: (node: Endpoint) => Promise<T>): Promise<T> {
  let failure: unknown;
  for (const node of nodes)
    try {
      return await ask(node);
    } catch (error) {
      failure = error;
    }
  throw failure;
}
