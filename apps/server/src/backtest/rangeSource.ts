import { createHash } from "node:crypto";
import { fetchBlock } from "@testudo/chain/block/fetchBundle";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { watchBlocks } from "@testudo/chain/stream/watchBlocks";
import { compositeMeta } from "@testudo/core/detectors/detectComposite";
import type { BlockBundle, BlockRef } from "@testudo/core/model/BlockBundle";
import type { DetectorMeta } from "@testudo/core/model/Detector";
import type { Finding } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";
import { openPastAnswers } from "../jobs/scores/openPastAnswers.ts";
import { openExecutor } from "../reexecute/Executor.ts";
import type { ReexecutionOptions } from "../reexecute/executeBlock.ts";
import { frameLogsOf } from "../watch/frameLogsOf.ts";
import { scopesOf } from "../watch/scopesOf.ts";
import type { CaseFinding, EmptyBlock, JudgedCase } from "./Case.ts";
import type { CaseSource, SourceFault } from "./CaseSource.ts";
import { type BlockVerdict, openPipelineJudge } from "./pipelineJudge.ts";
import type { Labels } from "./readLabels.ts";
import { withStages } from "./withStages.ts";

export interface RangeSourceOptions {
  readonly endpoints: readonly Endpoint[];
  readonly quorum?: number;
  readonly program: Program;
  /** First and last block, both included. */
  readonly from: bigint;
  readonly to: bigint;
  readonly labels?: Labels;
  /** Executes blocks again that no endpoint traces. Left out, they come without call trees. */
  readonly reexecute?: Omit<ReexecutionOptions, "chainId">;
  /** Told of the first block that comes without call trees, and why; again after one that had them. */
  readonly onDegraded?: (message: string) => void;
  readonly kind?: "range" | "scenario";
  readonly name?: string;
  /** Told of each finding, as the pipeline made it. */
  readonly onFinding?: (finding: Finding) => void;
  /** Told of each block, once it is judged. */
  readonly onBundle?: (bundle: BlockBundle) => void;
}

/** A range of a node's blocks, judged as a live watch of the program would have judged them. */
export function rangeSource(options: RangeSourceOptions): CaseSource {
  const { endpoints, program, to } = options;
  // The first block of a chain has no transactions and nothing before it: a range of it alone is empty.
  const from = options.from === 0n ? 1n : options.from;
  const hashes = new Map<string, string>();
  const detectors = judgesOf(program);
  const told = new Set<string>();
  const emptyBlocks: EmptyBlock[] = [];
  let first: bigint | undefined;
  let last: bigint | undefined;
  let judged: bigint | undefined;
  return {
    kind: options.kind ?? "range",
    hashes,
    emptyBlocks,
    goOn: () => (judged === undefined || judged >= to ? undefined : `--from ${judged + 1n} --to ${to}`),
    coveredSeconds: () => (first === undefined || last === undefined ? 0 : Number(last - first)),
    async *cases(signal, onProgress) {
      if (from > to) return;
      const parent = (await firstThatHas(endpoints, from - 1n)).ref;
      const stop = new AbortController();
      const onAbort = () => stop.abort();
      signal.addEventListener("abort", onAbort, { once: true });
      const executor = options.reexecute && openExecutor({ ...options.reexecute, chainId: program.chainId });
      const stream = watchBlocks({
        endpoints,
        ...(options.quorum === undefined ? {} : { quorum: options.quorum }),
        scopes: scopesOf(program),
        frameLogs: frameLogsOf(program),
        from: parent,
        signal: stop.signal,
        ...(executor ? { reexecute: executor.traces, reexecuteHistory: true } : {}),
      });
      const judge = openPipelineJudge(program);
      const past = openPastAnswers(endpoints, stream.coming, executor);
      const chain = createHash("sha256");
      // Held back until it is known what was told after them.
      const attacks: JudgedCase[] = [];
      try {
        for await (const event of stream) {
          if (signal.aborted) break;
          if (event.kind !== "block") {
            if (event.kind !== "trouble") judge.take(event);
            else if (event.trouble === "scope-degraded") options.onDegraded?.(event.message);
            continue;
          }
          const { ref } = event.bundle;
          first ??= ref.timestamp;
          last = ref.timestamp;
          chain.update(ref.hash);
          const verdict = await judge.judge(event.bundle, past.answer);
          const { findings, failed } = verdict;
          yield* faultsOf(failed, told, `${options.name ?? "node"}, block ${ref.number}`);
          for (const finding of findings) options.onFinding?.(finding);
          options.onBundle?.(event.bundle);
          if (event.bundle.txs.length === 0) emptyBlocks.push(...emptyBlockOf(ref, findings));
          for (const one of casesOfBlock(event.bundle, verdict, detectors, options))
            if (one.truth === "attack") attacks.push(one);
            else yield one;
          judged = ref.number;
          onProgress({
            done: Number(ref.number - from) + 1,
            total: Number(to - from) + 1,
            what: `block ${ref.number} of ${from} to ${to}`,
          });
          if (ref.number === to) break;
        }
        yield* withStages(attacks);
      } finally {
        signal.removeEventListener("abort", onAbort);
        stop.abort();
        await past.close();
        await executor?.close();
        hashes.set(`${options.name ?? "node"} ${from}-${to}`, chain.digest("hex"));
      }
    },
  };
}

/** Of detectors that failed those not `told` yet: one that fails on every block is told once. */
function* faultsOf(failed: ReadonlyMap<string, string>, told: Set<string>, source: string): Generator<SourceFault> {
  for (const [detector, message] of failed) {
    if (told.has(detector)) continue;
    told.add(detector);
    yield { kind: "fault", source, message: `Detector "${detector}" threw: ${message}` };
  }
}

function emptyBlockOf({ timestamp }: BlockRef, findings: readonly Finding[]): EmptyBlock[] {
  const said = findings.filter(isOfChain).map(toCaseFinding);
  return said.length === 0 ? [] : [{ at: Number(timestamp), findings: said }];
}

// What the watch says of itself is no alert about the chain.
function isOfChain({ class: kind }: Finding): boolean {
  return kind !== "health";
}

/** The cases of one block: what was said about each of its transactions. */
function casesOfBlock(
  bundle: BlockBundle,
  { findings, failed, ms }: BlockVerdict,
  detectors: readonly DetectorMeta[],
  { labels, name }: RangeSourceOptions,
): JudgedCase[] {
  const isAttack = (tx: Hex) => labels?.get(tx)?.truth === "attack";
  // What is said about a whole block is said about its attack, where there is one, and else about its first transaction.
  const speaker = bundle.txs.find((tx) => isAttack(tx.hash)) ?? bundle.txs[0];
  return bundle.txs.map((tx) => {
    const label = labels?.get(tx.hash);
    const said = findings.filter((f) => isOfChain(f) && (f.txHash ?? speaker?.hash) === tx.hash);
    return {
      kind: "judged",
      tx: tx.hash,
      truth: label?.truth ?? "benign",
      source: `${name ?? "node"}, block ${bundle.ref.number}`,
      at: Number(bundle.ref.timestamp),
      block: Number(bundle.ref.number),
      has: [...bundle.has, "S", "H"],
      detectors,
      findings: said.map(toCaseFinding),
      ...(failed.size === 0 ? {} : { failed: [...failed.keys()] }),
      ...(label?.name === undefined ? {} : { name: label.name }),
      ...(label?.mechanism === undefined ? {} : { mechanism: label.mechanism }),
      ms: ms / bundle.txs.length,
    };
  });
}

/** The detectors of `program`; composite, which judges what the others say, where it has its rule. */
function judgesOf({ detectors, composite }: Program): DetectorMeta[] {
  return [...detectors.map(({ meta }) => meta), ...(composite ? [compositeMeta] : [])];
}

function toCaseFinding({ detector, severity, class: kind, subject, score, reason }: Finding): CaseFinding {
  return { detector, severity, class: kind, subject, score, reason };
}

async function firstThatHas(endpoints: readonly Endpoint[], number: bigint) {
  let failure: unknown;
  for (const endpoint of endpoints)
    try {
      return await fetchBlock(endpoint, number, false);
    } catch (error) {
      failure = error;
    }
  throw failure;
}
