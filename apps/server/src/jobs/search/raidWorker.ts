// One worker of a search for plans that take value out, on a core of its own.
import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import type { Address } from "@testudo/core/model/Hex";
import { withOutcomes } from "@testudo/lab/capsule/withOutcomes";
import type { CalledFunction } from "@testudo/lab/patch/tryDefences";
import type { Cast } from "@testudo/lab/raid/Cast";
import type { Find } from "@testudo/lab/raid/Find";
import { openGround } from "@testudo/lab/raid/openGround";
import { openRaid } from "@testudo/lab/raid/openRaid";
import { isCall, type Move } from "@testudo/lab/raid/Plan";
import { partsOf } from "@testudo/lab/raid/partsOf";
import { prepareCast } from "@testudo/lab/raid/prepareCast";
import type { RaidMemory } from "@testudo/lab/raid/RaidMemory";
import type { Scenario } from "@testudo/lab/raid/Scenario";
import { tellPlan } from "@testudo/lab/raid/tellPlan";
import { groundOf, meetState, playOf, toCapsule } from "@testudo/lab/raid/toCapsule";
import type { Capsule, CapsuleTransaction } from "@testudo/lab/record/Capsule";
import { writeCapsule } from "@testudo/lab/record/writeCapsule";
import type { FoundPlan } from "../../raid/RaidReport.ts";
import { askState, StateUnreachable } from "./askState.ts";
import { openMemoryTeller } from "./memoryTeller.ts";
import { failureOf, type SearchTask, type SearchWord } from "./runSearch.ts";

export interface RaidTask extends SearchTask {
  readonly capsule: Capsule;
  readonly scenario: Scenario;
  /** Of each power, as declared. */
  readonly probabilities: readonly number[];
  readonly victim: Address;
  readonly leastWad: bigint;
}

/** A plan with the bytes of its capsule. */
export interface CarriedPlan extends FoundPlan {
  readonly bytes: Uint8Array;
  /** Its transactions, which go on without a move that fails. */
  readonly bold: readonly CapsuleTransaction[];
  /** Of the scenario, by number, each as often as it is used. */
  readonly powers: readonly number[];
  /** What it calls, in its order. */
  readonly functions: readonly CalledFunction[];
  readonly accounts: readonly Address[];
}

export interface RaidState {
  readonly calls: number;
  readonly kept: number;
  /** The greatest gain so far, in the unit of account. */
  readonly best: number;
  readonly finds: number;
}

export interface RaidEnd {
  readonly calls: number;
  readonly finds: readonly CarriedPlan[];
  /** Why it ended before its time; null where it did not. */
  readonly lost: string | null;
  /** Finds whose capsules need state that could not be had. */
  readonly unwritten: number;
}

/** What it goes on from: finds are told apart by identity. */
interface Learned {
  readonly memory: RaidMemory;
  readonly times: ReadonlyMap<Find, number>;
}

/** A state with his contracts in it. */
interface Place {
  readonly engine: Awaited<ReturnType<typeof openGround>>;
  readonly cast: Cast;
}

type RaidWord = SearchWord<RaidState, RaidEnd>;

/** Calls between two looks at whether it shall end. */
const stretch = 200;
const task = workerData as RaidTask;
const say = (word: RaidWord): void => parentPort!.postMessage(word);
const wordMs = 250;

try {
  const stop = new Int32Array(task.stop);
  const source = task.desk && askState(task.desk);
  const engine = await openGround(task.capsule, source);
  const { memory, times: known } = (task.memory?.learned ?? {}) as Partial<Learned>;
  const raid = openRaid(engine, task.scenario, task.seed, task.leastWad, memory);
  const times = new Map<Find, number>(known);
  const teller = openMemoryTeller(task, (): Learned => ({ memory: raid.memory(), times }), say);
  let said = 0;
  const left = (): number => (task.calls === undefined ? stretch : Math.min(stretch, task.calls - raid.calls));
  let lost: string | null = null;
  while (Atomics.load(stop, 0) === 0 && left() > 0) {
    lost = advance();
    for (const find of raid.finds) if (!times.has(find)) times.set(find, teller.seconds());
    if (lost !== null) break;
    teller.tellAtTimes();
    const best = numberOf(raid.finds[0]?.gainWad ?? 0n);
    if (performance.now() - said < wordMs) continue;
    said = performance.now();
    say({ kind: "progress", calls: raid.calls, kept: raid.kept, best, finds: raid.finds.length });
  }
  // What it learned in the middle of a stretch is no whole: what was kept before it stands.
  if (lost === null) teller.tell();
  const finds: CarriedPlan[] = [];
  let unwritten = 0;
  for (const find of raid.finds) {
    const carried = await written(find);
    if (typeof carried !== "string") finds.push(carried);
    else [lost, unwritten] = [lost ?? carried, unwritten + 1];
  }
  say({ kind: "end", calls: raid.calls, finds, lost, unwritten });

  /** Why it cannot go on, and no worker with it: all ask the same node. */
  function advance(): string | null {
    try {
      raid.advance(left());
      return null;
    } catch (error) {
      if (!(error instanceof StateUnreachable)) throw error;
      Atomics.store(stop, 0, 1);
      return error.message;
    }
  }

  /** The find, or why it cannot be written down. */
  async function written(find: Find): Promise<CarriedPlan | string> {
    try {
      return await carry(find, times.get(find)!, await placeOf(find));
    } catch (error) {
      if (error instanceof StateUnreachable) return error.message;
      throw error;
    }
  }

  /** Where a find's capsule is taken from. Of a node's state it holds what the plan meets: not all that the search has seen. */
  async function placeOf({ plan }: Find): Promise<Place> {
    if (source === undefined) return { engine, cast: raid.cast };
    const fresh = await openGround(task.capsule, source);
    const cast = prepareCast(fresh, task.scenario);
    meetState(fresh, task.scenario, cast, plan);
    return { engine: fresh, cast };
  }

  async function carry(find: Find, seconds: number, { engine, cast }: Place): Promise<CarriedPlan> {
    const { plan, gainWad, atCall } = find;
    const { scenario, victim, probabilities } = task;
    const ground = groundOf(task.capsule);
    const bytes = writeCapsule(await withOutcomes({ ...toCapsule(engine, ground, scenario, cast, plan), victim }));
    const powers = plan.flatMap((move) => (move.kind === "power" ? [move.power] : []));
    const costWad = powers.reduce((sum, power) => sum + scenario.powers[power]!.costWad, 0n);
    const functions = plan.flatMap((move) =>
      move.kind === "call"
        ? [`${move.callable.contract}.${move.callable.abi.name}`]
        : move.kind === "power"
          ? [`"${scenario.powers[move.power]!.name}"`]
          : [],
    );
    const what = find.figure === undefined ? `${Math.floor(numberOf(gainWad))} taken` : `"${find.figure}" broken`;
    const title = `${what} by ${[...new Set(functions)].join(", ")}`;
    return {
      id: createHash("sha256")
        .update(`${find.figure ?? ""}${partsOf(plan).join()}`)
        .digest("hex")
        .slice(0, 12),
      title,
      objective: find.figure === undefined ? "gain" : "figure",
      figure: find.figure ?? null,
      moves: tellPlan(plan, scenario),
      gain: numberOf(gainWad),
      gainWad: gainWad.toString(),
      cost: numberOf(costWad),
      costWad: costWad.toString(),
      capital: Object.fromEntries(scenario.assets.map((asset, i) => [asset.name, find.capital[i]!.toString()])),
      // A key's call is a transaction of its own, which no loan of one spans.
      isAtomic: plan.every((move) => move.kind === "call" && move.actor < scenario.accounts),
      probability: powers.reduce((all, power) => all * probabilities[power]!, 1),
      atCall,
      seconds,
      capsule: `0x${createHash("sha256").update(bytes).digest("hex")}`,
      bytes,
      bold: playOf(engine, ground, scenario, cast, plan, false).transactions,
      powers,
      functions: plan.flatMap(calledBy),
      accounts: raid.cast.accounts,
    };
  }
} catch (error) {
  say(failureOf(error));
}

/** What a move calls, and what is played in the middle of it. */
function calledBy(move: Move): CalledFunction[] {
  if (!isCall(move)) return [];
  const { contract, to, abi, selector } = move.callable;
  return [{ contract, to, name: abi.name, selector }, ...move.inner.flatMap(calledBy)];
}

function numberOf(wad: bigint): number {
  return Number(wad / 10n ** 12n) / 1e6;
}
