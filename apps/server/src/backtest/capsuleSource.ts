import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { BlockBundle, BlockRef, CallFrame, Log } from "@testudo/core/model/BlockBundle";
import { createdIn, logsOf, walk } from "@testudo/core/model/CallTree";
import type { Evm, EvmMark, EvmTransaction, OpenEvm } from "@testudo/core/model/Evm";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";
import {
  atBlock,
  fromTx,
  isNodeRead,
  keyOfRead,
  type StateAnswer,
  type StateRead,
} from "@testudo/core/model/StateRead";
import type { Capsule } from "@testudo/lab/record/Capsule";
import { parseCapsule } from "@testudo/lab/record/parseCapsule";
import { recordedState } from "@testudo/lab/record/recordedState";
import type { CapsuleAttack } from "./CapsuleAttack.ts";
import type { CaseFinding, JudgedCase } from "./Case.ts";
import type { CaseSource } from "./CaseSource.ts";
import { faultOf } from "./faultOf.ts";
import { loadCapsuleAttacks } from "./loadCapsuleAttacks.ts";
import { type AnswerReads, openPipelineJudge } from "./pipelineJudge.ts";

const attackersEther = 10_000n * 10n ** 18n;
const blockGas = 1_000_000_000n;

export interface CapsuleSourceOptions {
  readonly openEvm: OpenEvm;
  /** Whether those are asked too whom the attack merely passed through; default yes. */
  readonly bystanders?: boolean;
}

/** Capsules, each attacked as the examples know how and judged as a watch of its victim would have judged it. */
export function capsuleSource(files: readonly string[], options: CapsuleSourceOptions): CaseSource {
  const hashes = new Map<string, string>();
  return {
    kind: "capsules",
    hashes,
    coveredSeconds: () => 0,
    async *cases(signal, onProgress) {
      for (const [index, file] of files.entries()) {
        if (signal.aborted) return;
        onProgress({ done: index, total: files.length, what: basename(file) });
        try {
          const bytes = readFileSync(file);
          hashes.set(basename(file), createHash("sha256").update(bytes).digest("hex"));
          const capsule = parseCapsule(bytes, file);
          const attack = (await loadCapsuleAttacks(dirname(file))).find((one) => one.file === basename(file));
          if (attack === undefined) throw new NoAttackKnown(file);
          yield* await judgeCapsule(capsule, attack, options);
        } catch (error) {
          yield faultOf(file, error);
        }
      }
    },
  };
}

/** A transaction that has run, as a block of its own. */
interface Played {
  readonly bundle: BlockBundle;
  readonly before: EvmMark;
  readonly after: EvmMark;
  readonly known: Map<string, StateAnswer>;
}

/** The attack as its victim's watch sees it, and as those see it whom it merely passed through. */
async function judgeCapsule(
  capsule: Capsule,
  attack: CapsuleAttack,
  { openEvm, bystanders = true }: CapsuleSourceOptions,
): Promise<JudgedCase[]> {
  const evm = await openEvm(sourceOf(capsule, attack), blockAfter(capsule));
  const played: Played[] = [];
  for (const tx of attack.transactions) played.push(await play(evm, tx, capsule, played.at(-1)?.bundle.ref, attack));
  const protect = attack.protect.map(toLower);
  const victim = await judgePlayed(evm, played, protect, capsule, attack, "attack");
  if (!bystanders) return [victim];
  const ours = new Set<Address>([
    ...protect,
    toLower(attack.attacker),
    ...played.flatMap(({ bundle }) => createdIn(bundle.traces![0]!)),
  ]);
  const passed: JudgedCase[] = [];
  for (const address of bystandersOf(played.at(-1)!.bundle.traces![0]!, ours, capsule))
    passed.push(await judgePlayed(evm, played, [address], capsule, attack, "weak"));
  return [victim, ...passed];
}

async function judgePlayed(
  evm: Evm,
  played: readonly Played[],
  watched: readonly Address[],
  { chainId }: Capsule,
  attack: CapsuleAttack,
  truth: "attack" | "weak",
): Promise<JudgedCase> {
  const program: Program = { chainId, watched, detectors: zeroConfigDetectors(), playbooks: [], policy: null };
  const judge = openPipelineJudge(program);
  const findings: CaseFinding[] = [];
  let ms = 0;
  for (const one of played) {
    const said = await judge.judge(one.bundle, answerFrom(evm, one));
    ms = said.ms;
    findings.push(...said.findings.filter((f) => f.class !== "health"));
  }
  const { bundle } = played.at(-1)!;
  return {
    kind: "judged",
    tx: bundle.txs[0]!.hash,
    truth,
    source: truth === "attack" ? attack.file : `${attack.file}, ${watched[0]}`,
    name: attack.name,
    mechanism: attack.mechanism,
    at: Number(bundle.ref.timestamp),
    block: Number(bundle.ref.number),
    has: [...bundle.has, "S", "H"],
    findings: findings.map(({ detector, severity, class: kind, subject, score, reason }) => ({
      detector,
      severity,
      class: kind,
      subject,
      score,
      reason,
    })),
    ms,
  };
}

async function play(
  evm: Evm,
  tx: EvmTransaction,
  capsule: Capsule,
  last: BlockRef | undefined,
  { file }: CapsuleAttack,
): Promise<Played> {
  const number = (last?.number ?? capsule.block.number) + 1n;
  const timestamp = (last?.timestamp ?? capsule.block.timestamp) + 1n;
  const before = evm.snapshot();
  const outcome = await evm.run({ ...tx, block: { number, timestamp } });
  if (outcome.kind === "refused") throw new AttackFailed(file, outcome.detail);
  if (!outcome.succeeded) throw new AttackFailed(file, outcome.trace.error ?? "it failed");
  const hash = hashOf(`${file} ${number}`);
  const ref = { number, hash, parentHash: last?.hash ?? hashOf(`${file} ${capsule.block.number}`), timestamp };
  return { bundle: bundleOf(ref, tx, outcome.trace), before, after: evm.snapshot(), known: new Map() };
}

function bundleOf(ref: BlockRef, tx: EvmTransaction, trace: CallFrame): BlockBundle {
  const { from, to, value, input } = tx;
  const logs = logsOf(trace).map(
    ({ address, topics, data }, index): Log => ({ address, topics, data, index, txIndex: 0 }),
  );
  const hash = hashOf(`transaction of ${ref.hash}`);
  return {
    ref,
    txs: [{ hash, index: 0, from, to, value, input, nonce: Number(tx.nonce ?? 0n) }],
    logs,
    traces: [trace],
    traceSource: "executed",
    has: ["X", "L", "T"],
    sources: [],
  };
}

/** Answers from the state before and after; all who look at the attack ask much the same. */
function answerFrom(evm: Evm, { before, after, known }: Played): AnswerReads {
  return async (_, reads) => {
    const answers: StateAnswer[] = [];
    for (const asked of reads) {
      const key = keyOfRead(asked);
      const answer = known.get(key) ?? (await answerOne(evm, before, after, asked));
      known.set(key, answer);
      answers.push(answer);
    }
    return answers;
  };
}

async function answerOne(evm: Evm, before: EvmMark, after: EvmMark, asked: StateRead): Promise<StateAnswer> {
  if (!isNodeRead(asked)) return { ok: false, error: `unsupported: a capsule answers no "${asked.kind}".` };
  const { at: where, ...read } = asked;
  const at = atBlock(where);
  if (typeof at === "string") return fromTx(where, await evm.read(read, at === "parent" ? before : after));
  return { ok: false, error: `State of block ${at.hash} was not recorded.` };
}

/** Contracts of the capsule whose code ran, or that were asked something, in the attack. */
function bystandersOf(trace: CallFrame, ours: ReadonlySet<Address>, { accounts }: Capsule): Address[] {
  const touched = new Set(walk(trace).flatMap(({ context, reverted }) => (reverted ? [] : [context])));
  return [...touched].filter((address) => !ours.has(address) && (accounts.get(address)?.code ?? "0x") !== "0x");
}

function sourceOf({ accounts }: Capsule, { attacker }: CapsuleAttack) {
  const all = new Map(accounts);
  all.set(toLower(attacker), { balance: attackersEther, nonce: 0n, code: "0x", storage: new Map() });
  return recordedState({ accounts: all, absentSlots: "zero" });
}

function blockAfter({ chainId, block }: Capsule) {
  return {
    chainId,
    number: block.number + 1n,
    timestamp: block.timestamp + 1n,
    baseFeePerGas: block.baseFeePerGas,
    gasLimit: blockGas,
    coinbase: `0x${"0".repeat(40)}`,
    prevRandao: `0x${"0".repeat(64)}`,
    // The attacks are compiled for it, whatever the chain had at the time.
    hardfork: "cancun",
  } as const;
}

function hashOf(text: string): Hex {
  return `0x${createHash("sha256").update(text).digest("hex")}`;
}

/** Nobody has told how this capsule is attacked. */
export class NoAttackKnown extends Error {
  override readonly name = "NoAttackKnown";
  constructor(file: string) {
    super(
      `No attack is known on "${basename(file)}".\n- A capsule is a state; what is done to it stands in examples/src/incidents, a recorded call beside the file.\n- Add its attack there, or play what a capsule of your own has recorded with \`testudo replay\`.`,
    );
  }
}

/** An attack did not go through on its capsule. */
export class AttackFailed extends Error {
  override readonly name = "AttackFailed";
  constructor(file: string, why: string) {
    super(
      `The attack on "${basename(file)}" failed: ${why}.\n- On the recorded state it succeeds.\n- Compare the file with the one that it was written for.`,
    );
  }
}
