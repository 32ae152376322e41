// Tries plans on the engine and takes them back: what went through, and what the state is worth afterwards.
import type { Address } from "@testudo/core/model/Hex";
import type { Batch } from "@testudo/evm/Batch";
import type { ComparisonRecords } from "@testudo/evm/BatchResults";
import type { Engine } from "@testudo/evm/openEngine";
import { operandsAt } from "../adversary/Path.ts";
import { fromHex } from "../record/bytes.ts";
import type { Cast } from "./Cast.ts";
import { encodePlay } from "./encodePlay.ts";
import type { CallMove, Move, Plan } from "./Plan.ts";
import { mostGas } from "./prepareCast.ts";
import { encodeQuestions, readWords } from "./Question.ts";
import type { Scenario } from "./Scenario.ts";
import { scheduleOf, type Turn } from "./scheduleOf.ts";
import { balanceQuestion, worthOf } from "./worthOf.ts";

/** What became of a plan. */
export interface Trial {
  /** Its moves that went through, without inner moves that nobody asked for. */
  readonly done: Plan;
  /** What his accounts gained in all assets, less what powers cost, in the unit of account, WAD. */
  readonly gainWad: bigint;
  /** The scenario's figures, in their order. */
  readonly figures: readonly bigint[];
  /** It ran code in a way that none did before. */
  readonly isNew: boolean;
}

export interface Trials {
  /** How many calls of the attacker and others have run. */
  readonly calls: number;
  /** Tries each by itself, from the state of the begin. */
  run(plans: readonly Plan[]): Trial[];
  /** Answers to a question of the appraiser's, encoded, after each plan. */
  ask(plans: readonly Plan[], question: Uint8Array): bigint[][];
  /** What was compared with something else when the plan ran. */
  compared(plan: Plan): bigint[];
  memory(): TrialsMemory;
  /** Runs all again that once ran something new, so that it is new no more; then as many calls have run as had. */
  recall(memory: TrialsMemory): void;
}

export interface TrialsMemory {
  readonly calls: number;
  /** What ran code in a way that none did before, and what was asked behind it, in their order. */
  readonly news: readonly { readonly plan: Plan; readonly question: Uint8Array }[];
}

/** What one message of a plan stands for. */
interface Sent {
  /** Of its last message. */
  readonly index: number;
  /** How many messages it takes; it went through where all of them did. */
  readonly messages: number;
  readonly moves: readonly Move[];
  /** It is played by one of his contracts, which tells of each move. */
  readonly isPlay: boolean;
}

export function openTrials(engine: Engine, scenario: Scenario, cast: Cast): Trials {
  const batch = engine.openBatch();
  const worth = encodeQuestions([
    ...scenario.assets.flatMap(({ token }) => cast.accounts.map((account) => balanceQuestion(token, account))),
    ...scenario.figures,
  ]);
  const balances = scenario.assets.length * cast.accounts.length;
  let calls = 0;
  let keepsComparisons: "always" | "never" = "never";
  let news: TrialsMemory["news"][number][] = [];
  const before = tryAll([[]], worth, (_, __, last) => readWords(batch.output(last)))[0]!;

  function add(from: Address, to: Address, input: Uint8Array, seconds: number, value = 0n): number {
    const rest = { gas: mostGas, inputLength: input.length, wantsOutput: true, keepsComparisons };
    const index = batch.add({ from, to, value, seconds, ...rest });
    batch.input(index).set(input);
    return index;
  }
  /** Asks, and takes back everything since the last question. */
  function addQuestion(input: Uint8Array): number {
    const rest = { wantsOutput: true, keepsComparisons: "never", takesBack: "batch" } as const;
    const index = batch.add({ from: cast.owner, to: cast.appraiser, gas: mostGas, inputLength: input.length, ...rest });
    batch.input(index).set(input);
    return index;
  }

  function send(plan: Plan): Sent[] {
    return scheduleOf(plan, scenario).map((turn) =>
      turn.kind === "his" ? sendCalls(turn.moves, turn.seconds) : sendOthers(turn),
    );
  }
  function sendOthers({ calls: theirs, moves, seconds }: Extract<Turn, { kind: "power" | "guardian" }>): Sent {
    const indices = theirs.map(({ from, to, input }, i) => add(from, to, fromHex(input), i === 0 ? seconds : 0));
    return { index: indices.at(-1)!, messages: indices.length, moves, isPlay: false };
  }
  function sendCalls(moves: readonly CallMove[], seconds: number): Sent {
    const { actor, callable, input, value } = moves[0]!;
    const account = cast.accounts[actor];
    if (account === undefined)
      return { index: add(cast.actors[actor]!, callable.to, input, seconds, value), messages: 1, moves, isPlay: false };
    return { index: add(cast.owner, account, encodePlay(moves, false), seconds), messages: 1, moves, isPlay: true };
  }

  function tryAll<T>(
    plans: readonly Plan[],
    question: Uint8Array,
    tell: (plan: Plan, sent: readonly Sent[], last: number) => T,
  ): T[] {
    batch.clear();
    const all = plans.map((plan) => ({ plan, sent: send(plan), last: addQuestion(question) }));
    calls += batch.length;
    batch.run();
    for (const { plan, sent, last } of all) if (hasFound(sent, last)) news.push({ plan, question });
    return all.map(({ plan, sent, last }) => tell(plan, sent, last));
  }

  /** Any of the messages from the first of `sent` to the question. */
  function hasFound(sent: readonly Sent[], last: number): boolean {
    const first = sent[0] === undefined ? last : sent[0].index - sent[0].messages + 1;
    for (let index = first; index <= last; index++) if (batch.found(index) > 0) return true;
    return false;
  }

  return {
    memory: () => ({ calls, news: [...news] }),
    recall(memory) {
      for (const { plan, question } of memory.news) tryAll([plan], question, () => undefined);
      news = [...memory.news];
      calls = memory.calls;
    },
    get calls() {
      return calls;
    },
    run: (plans) =>
      tryAll(plans, worth, (plan, sent, last) => {
        const after = readWords(batch.output(last));
        return {
          done: doneOf(plan, sent, batch),
          gainWad: worthOf(scenario, cast, after) - worthOf(scenario, cast, before) - costOf(plan, scenario),
          figures: after.slice(balances),
          isNew: sent.some(({ index }) => batch.found(index) > 0),
        };
      }),
    ask: (plans, question) => tryAll(plans, question, (_, __, last) => readWords(batch.output(last))),
    compared(plan) {
      keepsComparisons = "always";
      const [operands] = tryAll([plan], worth, (_, sent) =>
        sent.flatMap(({ index }) => operandsOf(batch.comparisons(index))),
      );
      keepsComparisons = "never";
      return operands!;
    },
  };
}

const costOf = (plan: Plan, { powers }: Scenario): bigint =>
  plan.reduce((sum, move) => sum + (move.kind === "power" ? powers[move.power]!.costWad : 0n), 0n);

function doneOf(plan: Plan, sent: readonly Sent[], batch: Batch): Plan {
  const kept = new Map<Move, Move>();
  for (const { index, messages, moves, isPlay } of sent) {
    const [done, played] = isPlay && batch.succeeded(index) ? readWords(batch.output(index), 0) : [0n, 0n];
    moves.forEach((move, i) => {
      const isDone = isPlay
        ? ((done! >> BigInt(i)) & 1n) === 1n
        : Array.from({ length: messages }, (_, k) => batch.succeeded(index - k)).every(Boolean);
      if (!isDone) return;
      const isIdle = move.kind === "call" && move.inner.length > 0 && ((played! >> BigInt(i)) & 1n) === 0n;
      kept.set(move, isIdle ? { ...move, inner: [] } : move);
    });
  }
  return plan.flatMap((move) => (move.kind === "wait" ? [move] : (kept.get(move) ?? [])));
}

/** Both sides of all comparisons of unequal numbers. */
function operandsOf(records: ComparisonRecords): bigint[] {
  return Array.from({ length: records.count }, (_, i) => operandsAt(records, i))
    .filter(([left, right]) => left !== right)
    .flat();
}
