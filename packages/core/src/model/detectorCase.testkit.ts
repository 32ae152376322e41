// Builds blocks and runs detectors on them, for tests only. State is a function from reads to answers; a read that the
// test did not foresee fails loudly.

import { assetFlowOf } from "./AssetFlow.ts";
import type { BlockBundle, CallFrame, Delegation, FrameType, Log, Scope, Transaction } from "./BlockBundle.ts";
import { deployedBlocks, openCreations, rememberCreations } from "./Creations.ts";
import { type DetectorUse, looksBack } from "./Detector.ts";
import type { FindingDraft } from "./Finding.ts";
import { type Address, type Hex, toWord } from "./Hex.ts";
import { topic } from "./KnownSignature.ts";
import { applyDraft, type Cells, memoryOf, openDraft } from "./Memory.ts";
import type { StateAnswer, StateRead } from "./StateRead.ts";
import type { TxView } from "./TxView.ts";

/** An address from a short number: `addr(0xabc)`. */
export function addr(n: number): Address {
  return `0x${n.toString(16).padStart(40, "0")}`;
}

export function topicOf(value: Hex | bigint): Hex {
  return `0x${toWord(value)}`;
}

export interface CaseLog {
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

export function transferLog(token: Address, from: Address, to: Address, amount: bigint): CaseLog {
  return { address: token, topics: [topic.transfer, topicOf(from), topicOf(to)], data: `0x${toWord(amount)}` };
}

export function frame(
  part: Partial<Omit<CallFrame, "type">> & { type?: FrameType; from: Address; to: Address },
): CallFrame {
  return { type: "CALL", value: 0n, input: "0x", output: "0x", calls: [], logs: [], ...part };
}

export interface CaseTx {
  readonly from?: Address;
  readonly to?: Address | null;
  readonly value?: bigint;
  readonly input?: Hex;
  readonly nonce?: number;
  readonly delegations?: readonly Delegation[];
  readonly logs?: readonly CaseLog[];
  readonly trace?: CallFrame;
}

export interface CaseBlock {
  readonly txs?: readonly CaseTx[];
  readonly has?: readonly Scope[];
  readonly number?: number;
  readonly timestamp?: number;
  readonly state?: (read: StateRead) => StateAnswer | undefined;
}

export function word(value: bigint | Hex): StateAnswer {
  return { ok: true, value: `0x${toWord(value)}` };
}

export function viewOf(bundleTx: Transaction, logs: readonly Log[], trace: CallFrame | undefined): TxView {
  let flow: ReturnType<typeof assetFlowOf> | undefined;
  return {
    tx: bundleTx,
    logs,
    trace,
    flow: () => {
      flow ??= assetFlowOf(bundleTx, logs, trace);
      return flow;
    },
  };
}

/** The transactions of `block` as views, with logs numbered through. */
export function viewsOf(block: CaseBlock): TxView[] {
  let next = 0;
  return (block.txs ?? []).map((t, i) => {
    const tx: Transaction = {
      hash: topicOf(BigInt(1000 * (block.number ?? 100) + i)),
      index: i,
      from: t.from ?? addr(0xe0a),
      to: t.to === undefined ? (t.trace?.to ?? addr(0x70)) : t.to,
      value: t.value ?? t.trace?.value ?? 0n,
      input: t.input ?? t.trace?.input ?? "0x",
      nonce: t.nonce ?? 0,
      ...(t.delegations === undefined ? {} : { delegations: t.delegations }),
    };
    const logs = (t.logs ?? []).map((l) => ({ ...l, index: next++, txIndex: i }));
    return viewOf(tx, logs, t.trace);
  });
}

/** Runs blocks through one detector, memory carried on, and gives the findings of each block. */
export function runDetector(
  use: DetectorUse,
  watched: readonly Address[],
  blocks: readonly CaseBlock[],
  cells: Cells = new Map(),
): FindingDraft[][] {
  return blocks.map((block, i) => runBlock(use, new Set(watched), { number: 100 + i, ...block }, cells));
}

function runBlock(use: DetectorUse, watched: ReadonlySet<Address>, block: CaseBlock, cells: Cells): FindingDraft[] {
  const number = block.number ?? 100;
  const txs = viewsOf(block);
  const bundle: BlockBundle = {
    ref: {
      number: BigInt(number),
      hash: topicOf(BigInt(number)),
      parentHash: topicOf(BigInt(number - 1)),
      timestamp: BigInt(block.timestamp ?? number * 12),
    },
    txs: txs.map((v) => v.tx),
    logs: txs.flatMap((v) => v.logs),
    has: block.has ?? ["L", "X", "T", "S", "H"],
    sources: ["test"],
  };
  const findings: FindingDraft[] = [];
  const draft = openDraft(cells);
  const history = memoryOf(draft, "h/", bundle.ref.timestamp);
  if (looksBack(use.meta)) rememberCreations(history, txs, number, deployedBlocks);
  const read = (r: StateRead): StateAnswer => {
    if (!bundle.has.includes("S")) throw new Error(`Read without scope S: ${JSON.stringify(r)}`);
    return block.state?.(r) ?? { ok: false, error: "execution reverted" };
  };
  use.detect({
    chainId: 1,
    block: bundle,
    phase: "live",
    watched,
    txs,
    params: use.settings,
    memory: memoryOf(draft, `${use.meta.id}/`, bundle.ref.timestamp),
    ...openCreations(history),
    read,
    readAll: (reads) => reads.map(read),
    finding: (f) => findings.push(f),
    observe: () => undefined,
  });
  applyDraft(cells, draft, bundle.ref);
  return findings;
}

/** State from a table of holdings: `[holder, asset, parent, block]`; anything else reverts. */
export function holdings(
  rows: readonly (readonly [holder: Address, asset: string, parent: bigint, block: bigint])[],
): (read: StateRead) => StateAnswer | undefined {
  return (read) => {
    for (const [holder, asset, parent, block] of rows) {
      const value = read.at === "parent" ? parent : block;
      if (read.kind === "balance" && asset === "native" && read.address === holder) return word(value);
      if (read.kind === "call" && read.to === asset && read.data === `0x70a08231${toWord(holder)}`) return word(value);
    }
    return undefined;
  };
}
