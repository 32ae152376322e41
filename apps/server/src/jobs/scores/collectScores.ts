// Runs the detectors over a range of blocks as they would have run live, and keeps what a calibration needs of it: who fired how
// loudly on which transaction of which contract, and what each contract held and paid. Nothing is raised, stored or told.
import { createHash } from "node:crypto";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { watchBlocks } from "@testudo/chain/stream/watchBlocks";
import type { FlowHistory } from "@testudo/core/calibration/calibrateFlows";
import type { ScoredTransaction, ScoreHistory } from "@testudo/core/calibration/ScoreHistory";
import type { Asset } from "@testudo/core/model/Asset";
import type { BlockBundle, BlockRef } from "@testudo/core/model/BlockBundle";
import type { DetectorUse } from "@testudo/core/model/Detector";
import { freezeDeep } from "@testudo/core/model/freezeDeep";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { applyDraft, type Cells } from "@testudo/core/model/Memory";
import type { Observation, Observed } from "@testudo/core/model/Observed";
import type { Program } from "@testudo/core/model/Program";
import { keyOfRead } from "@testudo/core/model/StateRead";
import { type Judgement, judge, openJudgement, type Verdict, writesOf } from "@testudo/core/pipeline/judge";
import { amountOf, holdingRead } from "@testudo/core/signs/Holding";
import { touchedBy } from "@testudo/core/signs/touchedBy";
import { frameLogsOf } from "../../watch/frameLogsOf.ts";
import { scopesOf } from "../../watch/scopesOf.ts";
import { noteRunning } from "../step/runningDetector.ts";
import { openPastAnswers, type PastAnswers } from "./openPastAnswers.ts";

/** What is run over, and on what. */
export interface CollectOptions {
  readonly endpoints: readonly Endpoint[];
  readonly quorum: number;
  readonly program: Program;
  /** The block before the first. */
  readonly before: BlockRef;
  /** The last block, included. */
  readonly to: bigint;
  readonly signal: AbortSignal;
  readonly onBlock?: (number: bigint) => void;
  /** Told at the end of each detector that threw: what it would have said there is not measured. */
  readonly onFailed?: (failed: FailedOften) => void;
}

/** What a range of blocks holds for a calibration. */
export interface Collected {
  readonly range: { readonly from: BlockRef; readonly to: BlockRef };
  readonly data: Hex;
  readonly histories: readonly ScoreHistory[];
  readonly flows: readonly FlowHistory[];
  /** What each detector observed, in the order of the program. */
  readonly observed: readonly Observed[];
}

/** On how many blocks a detector threw, of how many, and what first. */
export interface FailedOften {
  readonly detector: string;
  readonly blocks: number;
  readonly of: number;
  readonly message: string;
}

/** Collects `before` to `to`. Throws CollectionStopped at the signal, RangeEmpty when the nodes gave no block of it, and what the nodes' client throws. */
export async function collectScores(options: CollectOptions): Promise<Collected> {
  const { endpoints, program, to, signal } = options;
  const stop = new AbortController();
  signal.addEventListener("abort", () => stop.abort(), { once: true });
  const stream = watchBlocks({
    endpoints,
    quorum: options.quorum,
    scopes: scopesOf(program),
    frameLogs: frameLogsOf(program),
    from: options.before,
    signal: stop.signal,
  });
  const gathered = openGathered(program.watched);
  const observed = program.detectors.map(() => new Map<string, Observation[]>());
  const cells: Cells = new Map();
  const past = openPastAnswers(endpoints, stream.coming);
  let [first, last]: (BlockRef | undefined)[] = [];
  const failures = openFailures();
  try {
    for await (const event of stream) {
      // A calibration rests on what is final; what is reorganised while it is made is not.
      if (event.kind === "reorg") throw new RangeReorged(event.ancestor.number);
      if (event.kind !== "block") continue;
      const { ref } = event.bundle;
      if (ref.number > to) break;
      const { judgement, verdicts } = await judgeBlock(program, cells, event.bundle, past.answer);
      applyDraft(cells, writesOf(cells, judgement.history, verdicts), ref);
      gathered.add(judgement, verdicts);
      failures.add(verdicts);
      noteObserved(observed, program.detectors, verdicts, ref.timestamp);
      first ??= ref;
      last = ref;
      options.onBlock?.(ref.number);
      if (ref.number === to) break;
    }
    if (signal.aborted) throw new CollectionStopped(last?.number);
    if (first === undefined || last === undefined) throw new RangeEmpty(options.before.number + 1n, to);
    for (const failed of failures.all()) options.onFailed?.(failed);
    return { range: { from: first, to: last }, observed, ...(await gathered.close(last, past.answer)) };
  } finally {
    stop.abort();
    await past.close();
  }
}

function noteObserved(
  observed: readonly Map<string, Observation[]>[],
  uses: readonly DetectorUse[],
  verdicts: readonly Verdict[],
  timestamp: bigint,
): void {
  for (const { use, observed: figures = [] } of verdicts) {
    const series = observed[uses.indexOf(use)]!;
    for (const [name, value] of figures) {
      const list = series.get(name) ?? [];
      if (list.length === 0) series.set(name, list);
      list.push({ timestamp, value });
    }
  }
}

type Answer = PastAnswers["answer"];

async function judgeBlock(
  program: Program,
  cells: Cells,
  bundle: BlockBundle,
  answer: Answer,
): Promise<{ readonly judgement: Judgement; readonly verdicts: readonly Verdict[] }> {
  let open = openJudgement(freezeDeep(bundle), "history", program.ignoredAssets ?? []);
  for (;;) {
    const { asks, judgement } = judge(program, cells, open, noteRunning(program));
    if (asks.length === 0) return { judgement, verdicts: [...judgement.done.values()] };
    const answers = await answer(bundle.ref, asks);
    const keyed = asks.map((read, i) => [keyOfRead(read), answers[i]!] as const);
    open = { ...judgement, answers: new Map([...judgement.answers, ...keyed]) };
  }
}

interface Change {
  readonly timestamp: bigint;
  readonly net: bigint;
}

function openGathered(watched: readonly Address[]) {
  const set = new Set(watched);
  const hashes = createHash("sha256");
  const transactions = new Map<Address, ScoredTransaction[]>(watched.map((address) => [address, []]));
  const changes = new Map<string, { subject: Address; asset: Asset; list: Change[] }>();

  const addFlows = ({ bundle, views }: Judgement) => {
    const { timestamp } = bundle.ref;
    const net = new Map<string, { subject: Address; asset: Asset; amount: bigint }>();
    for (const view of views)
      for (const subject of watched)
        for (const [asset, amount] of view.flow().net.get(subject) ?? []) {
          const key = `${subject}|${asset}`;
          net.set(key, { subject, asset, amount: (net.get(key)?.amount ?? 0n) + amount });
        }
    for (const [key, { subject, asset, amount }] of net) {
      const entry = changes.get(key) ?? { subject, asset, list: [] };
      entry.list.push({ timestamp, net: amount });
      changes.set(key, entry);
    }
  };
  return {
    add(judgement: Judgement, verdicts: readonly Verdict[]): void {
      const { bundle, views } = judgement;
      hashes.update(bundle.ref.hash);
      const scores = scoresOf(verdicts);
      const seen = new Set<Address>();
      for (const view of views)
        for (const subject of touchedBy(view, set)) {
          // What is said of a whole block is said of the contract's first transaction in it.
          const ofBlock = seen.has(subject) ? {} : scores.get(`${subject} block`);
          seen.add(subject);
          const mine = { ...ofBlock, ...scores.get(`${subject} ${view.tx.hash}`) };
          transactions.get(subject)!.push({ timestamp: bundle.ref.timestamp, scores: mine });
        }
      addFlows(judgement);
    },
    async close(last: BlockRef, answer: Answer) {
      const entries = [...changes.values()].filter(({ asset }) => !asset.includes(":"));
      const held = await answer(
        last,
        entries.map(({ subject, asset }) => holdingRead(asset, subject, "block")),
      );
      const flows = entries.flatMap(({ subject, asset, list }, i): FlowHistory[] => {
        const heldAtEnd = amountOf(held[i]!);
        return heldAtEnd === undefined ? [] : [{ subject, asset, changes: list, heldAtEnd }];
      });
      const histories = [...transactions].map(([subject, list]) => ({ subject, transactions: list }));
      return { data: `0x${hashes.digest("hex")}` as Hex, histories, flows };
    },
  };
}

function openFailures() {
  const failed = new Map<string, { blocks: number; readonly message: string }>();
  let of = 0;
  return {
    add(verdicts: readonly Verdict[]): void {
      of += 1;
      for (const { use, trouble } of verdicts) {
        if (trouble?.what !== "threw") continue;
        const mine = failed.get(use.meta.id) ?? { blocks: 0, message: trouble.message };
        mine.blocks += 1;
        failed.set(use.meta.id, mine);
      }
    },
    all: (): FailedOften[] => [...failed].map(([detector, mine]) => ({ detector, of, ...mine })),
  };
}

/** The highest score of each detector, by contract and transaction; a draft that names no transaction is its block's. */
function scoresOf(verdicts: readonly Verdict[]): ReadonlyMap<string, { readonly [detector: string]: number }> {
  const scores = new Map<string, { [detector: string]: number }>();
  for (const { use, drafts } of verdicts)
    for (const { subject, txHash, score } of drafts) {
      const key = `${subject} ${txHash ?? "block"}`;
      const mine = scores.get(key) ?? {};
      mine[use.meta.id] = Math.max(score, mine[use.meta.id] ?? 0);
      scores.set(key, mine);
    }
  return scores;
}

/** The signal came before the last block. */
export class CollectionStopped extends Error {
  override readonly name = "CollectionStopped";
  constructor(last: bigint | undefined) {
    const seen = last === undefined ? "before the first block" : `after block ${last}`;
    super(`Stopped ${seen}: nothing is written, because a part is no calibration of the range.`);
  }
}

/** The range holds no block that the nodes give. */
export class RangeEmpty extends Error {
  override readonly name = "RangeEmpty";
  constructor(from: bigint, to: bigint) {
    super(
      `Blocks ${from} to ${to} were not given by the nodes.\n- The last has to be at or below their head.\n- Correct --from and --to.`,
    );
  }
}

/** The chain was reorganised within the range while it was read. Retryable. */
export class RangeReorged extends Error {
  override readonly name = "RangeReorged";
  constructor(ancestor: bigint) {
    super(
      `The chain was reorganised above block ${ancestor} while it was read.\n- A calibration rests on blocks that stay.\n- End the range further below the head.`,
    );
  }
}
