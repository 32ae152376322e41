// Guided calls of a new contract: the search that hunts for failed assertions, with another question. Its turns are short and
// run in one piece; between them state comes that calls were put off for. As many turns give the same on every machine.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import { longestGroup, openHunt } from "../adversary/openHunt.ts";
import { toHex } from "../record/bytes.ts";
import { hardforkOf, isOurFork } from "../record/hardforkOf.ts";
import { growSuspect } from "./growSuspect.ts";
import { stranger } from "./knownAddresses.ts";
import { mostGasOfCall } from "./mostGasOfCall.ts";
import { type ForkStage, openForkStage, type Sequence, TurnSpent } from "./openForkStage.ts";
import { type LossOracle, openLossOracle, type Suspect } from "./openLossOracle.ts";
import { openProbeTarget, type SearchGround } from "./openProbeTarget.ts";
import { openSupply } from "./openSupply.ts";
import { openWordsAhead } from "./openWordsAhead.ts";
import type { TemplateWords } from "./templatesOf.ts";

export type { SearchGround } from "./openProbeTarget.ts";

/** What guided calls came to. */
export interface SearchReport {
  readonly calls: number;
  readonly gas: number;
  /** Basic blocks of the contract's code: those that ran, and all that could. */
  readonly blocks: { readonly ran: number; readonly all: number };
  /** Functions of which a call succeeded. */
  readonly reached: readonly Hex[];
  /** Calls that wait for state, and those that never got any. */
  readonly waiting: number;
  readonly missing: number;
  /** Calls that ran out of gas on a new way, and have not come to an end with more. */
  readonly unended: number;
  /** Rounds in which state was fetched. */
  readonly fetches: number;
  /** More was suspected than is looked at. */
  readonly isFull: boolean;
}

export interface Search {
  /** How many calls were made. */
  readonly calls: number;
  /** Goes on for one turn, of some hundred calls and at most `mostGasOfAdvance`, and one fetch. */
  advance(): Promise<void>;
  /** Calls after which something protected was less, since it was last asked. */
  takeSuspects(): readonly Suspect[];
  /** Calls that succeeded in a new way. What they took may be of a kind that nobody knew to be held. */
  takeArrival(): Suspect | undefined;
  /** What was suspected of too little: amounts are tried in the place of its last call's values. */
  grow(suspect: Suspect): void;
  report(): SearchReport;
}

/** What a turn may burn, in gas, beside its last batch. Our engine burns a billion a second in simple loops. */
const turnGas = 40_000_000;
const callsOfTurn = 256;
/** Calls get this much, and more where they run out of it on a new way: 24 sequences of seven are bounded by it. */
const gasOfGuess = 1_000_000n;
const groupsOfBatch = 24;
/**
 * The first turn is a thirty-second of a whole one, and each is twice the one before: gas that takes longer than usual, as a
 * pairing's does, is known for that before much of it is burnt.
 */
const smallTurns = 5;
/** While a call with more gas waits for state, turns are by so much shorter: it waits two turns for each thing that it misses. */
const hurry = 4;
/**
 * No `advance` burns more where a call may burn `mostGas`, beside what leads back to a state: one turn for what asks for more gas,
 * one for the rest, and the last batch of either.
 */
export function mostGasOfAdvance(mostGas: bigint): number {
  return 2 * turnGas + longestGroup * (groupsOfBatch * Number(gasOfGuess) + Number(mostGas));
}
const seed = 1;

/** Opens a search on `ground`; undefined where our engine does not have the block's rules. Throws what the source throws. */
export async function openSearch(
  ground: SearchGround,
  contract: Address,
  words: TemplateWords,
): Promise<Search | undefined> {
  const fork = hardforkOf(ground.block);
  if (!isOurFork(fork)) return undefined;
  const { hunted, guard, code, functions } = await openProbeTarget(ground, fork, contract, words);
  const { engine } = hunted;
  const mostGas = mostGasOfCall(ground.block);
  const stage = openForkStage(engine, stranger, guard.address, mostGas);
  let oracle: LossOracle | undefined;
  let turn = 0;
  const part = (whole: number): number =>
    Math.ceil((whole * Math.min(1, 2 ** (turn - smallTurns))) / (unended() > 0 ? hurry : 1));
  // A hunt begins by asking what is held.
  stage.refill(turnGas, gasOfGuess);
  const hunt = openHunt(hunted, seed, () => 0, {
    stage,
    groups: () => part(groupsOfBatch),
    openOracles(setting) {
      oracle = openLossOracle(setting, guard);
      return oracle;
    },
  });
  const due: Sequence[] = [];
  const hungry: Sequence[] = [];
  const supply = openSupply(stage, {
    engine,
    source: ground.source,
    lacks: new Set(),
    ahead: openWordsAhead(),
    gas: mostGas,
  });

  function unended(): number {
    return hungry.length + supply.fed;
  }

  function work(): void {
    hungry.push(...stage.takeHungry());
    const fed = hungry.shift();
    if (fed !== undefined) inTurn(stage, turnGas, mostGas, () => hunt.attempt(fed.state, fed.calls));
    inTurn(stage, part(turnGas), gasOfGuess, () => {
      while (due.length > 0 && !stage.isSpent) {
        const { state, calls } = due.shift()!;
        hunt.attempt(state, calls);
      }
      hunt.advance(part(callsOfTurn));
    });
    turn++;
  }

  return {
    get calls() {
      return hunt.calls;
    },
    async advance() {
      work();
      for (const one of await supply.next()) (one.isFed === true ? hungry : due).push(one);
    },
    takeSuspects: () => oracle?.takeSuspects() ?? [],
    takeArrival: () => stage.takeArrival(),
    grow: (suspect) => void due.push(...growSuspect(suspect, words.amounts ?? [])),
    report: () => ({
      calls: hunt.calls,
      gas: stage.burnt,
      blocks: blocksOf(engine, code),
      reached: functions.filter((name) => stage.reached.has(name)),
      waiting: due.length + supply.waiting,
      missing: supply.missing,
      unended: unended(),
      fetches: supply.fetches,
      isFull: oracle?.isFull() === true,
    }),
  };
}

function inTurn(stage: ForkStage, gas: number, ofCall: bigint, go: () => void): void {
  stage.refill(gas, ofCall);
  try {
    go();
  } catch (error) {
    if (!(error instanceof TurnSpent)) throw error;
  }
}

function blocksOf(engine: Engine, code: Uint8Array): SearchReport["blocks"] {
  const text = toHex(code);
  const own = engine.coverage().filter(({ code: number }) => toHex(engine.codeOf(number)) === text);
  const all = own.flatMap(({ isCovered }) => isCovered);
  return { ran: all.filter(Boolean).length, all: all.length };
}
