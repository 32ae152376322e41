// Guided calls of a new contract: the search that hunts for failed assertions, with another question. Its turns are short and
// run in one piece; between them state is fetched that calls were put off for. As many turns give the same on every machine.
import type { EvmBlock, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { pushedWords } from "@testudo/core/model/PushedWords";
import { type Engine, openEngine } from "@testudo/evm/openEngine";
import { openDictionary } from "../adversary/Dictionary.ts";
import type { HuntTarget } from "../adversary/HuntTarget.ts";
import { longestGroup, openHunt } from "../adversary/openHunt.ts";
import { gasOfCall } from "../adversary/Stage.ts";
import { toHex } from "../bytes.ts";
import { hardforkOf, isOurFork } from "../hardforkOf.ts";
import { toEngineSource } from "../toEngineSource.ts";
import { toOwnBlock } from "../toOwnBlock.ts";
import { askMissing, type MissingFrom, putMissing } from "./fetchMissing.ts";
import { growSuspect } from "./growSuspect.ts";
import { guessCallables } from "./guessCallables.ts";
import { knownAddresses, stranger } from "./knownAddresses.ts";
import { openForkStage, type PutOff, type Sequence, TurnSpent } from "./openForkStage.ts";
import { type LossOracle, openLossOracle, type Suspect } from "./openLossOracle.ts";
import { readGuard } from "./readGuard.ts";
import { blockSeconds, type TemplateWords } from "./templatesOf.ts";

/** Where guided calls begin: the same state and block as the probe's. */
export interface SearchGround {
  readonly source: StateSource;
  readonly block: EvmBlock;
}

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
  /** Rounds in which state was fetched. */
  readonly fetches: number;
}

interface Asked {
  readonly putOff: readonly PutOff[];
  readonly isThere: Promise<void>;
}

export interface Search {
  /** How many calls were made. */
  readonly calls: number;
  /** Goes on for one turn, of some hundred calls and at most `mostGasOfAdvance`, and one fetch. */
  advance(): Promise<void>;
  /** Calls after which something protected was less, since it was last asked. */
  takeSuspects(): readonly Suspect[];
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
 * No `advance` burns more, beside what leads back to a state: one turn for what asks for more gas, one for the rest, and the last
 * batch of either.
 */
export const mostGasOfAdvance = 2 * turnGas + longestGroup * (groupsOfBatch * Number(gasOfGuess) + Number(gasOfCall));
const seed = 1;

/** Opens a search on `ground`; undefined where our engine does not have the block's rules. Throws what the source throws. */
export async function openSearch(
  { source, block }: SearchGround,
  contract: Address,
  words: TemplateWords,
): Promise<Search | undefined> {
  const fork = hardforkOf(block);
  if (!isOurFork(fork)) return undefined;
  const { deployer } = words;
  const engine = await openEngine({
    fork,
    chainId: BigInt(block.chainId),
    block: toOwnBlock(block),
    source: toEngineSource(source),
    hooks: { edges: true, comparisons: true },
  });
  for (const address of [deployer, stranger, block.coinbase, contract]) await engine.accountAsync(address);
  const code = engine.account(contract)?.code ?? new Uint8Array();
  const pushed = pushedWords(toHex(code));
  const callables = await guessCallables(engine, deployer, contract, pushed.functions);
  const addresses = knownAddresses(words, contract, pushed.addresses);
  const guard = await readGuard(engine, words.protect, addresses);
  // What was asked so far is nobody's find.
  engine.clearCoverage();
  const stage = openForkStage(engine, stranger, guard.address);
  let oracle: LossOracle | undefined;
  const target: HuntTarget = {
    engine,
    callables,
    properties: [],
    senders: [deployer, stranger],
    addresses,
    dictionary: openDictionary([code], [...addresses.map(BigInt), ...(words.amounts ?? [])]),
    assertionEvents: new Map(),
    tellPlace: () => undefined,
    mostSeconds: blockSeconds,
  };
  // A hunt begins by asking what is held.
  stage.refill(turnGas, gasOfGuess);
  const hunt = openHunt(target, seed, () => 0, {
    stage,
    groups: () => groupsOfBatch,
    openOracles(setting) {
      oracle = openLossOracle(setting, guard);
      return oracle;
    },
  });
  const due: Sequence[] = [];
  const hungry: Sequence[] = [];
  const from: MissingFrom = { engine, source, lacks: new Set() };
  // Asked for at the end of one turn, put in at the end of the next: the node has that long to answer while calls go on, and
  // when state comes does not depend on how quick it is.
  let asked: Asked = { putOff: [], isThere: Promise.resolve() };
  let [missing, fetches] = [0, 0];

  function work(): void {
    hungry.push(...stage.takeHungry());
    const fed = hungry.shift();
    if (fed !== undefined) inTurn(gasOfCall, () => hunt.attempt(fed.state, fed.calls));
    inTurn(gasOfGuess, () => {
      while (due.length > 0 && !stage.isSpent) {
        const { state, calls } = due.shift()!;
        hunt.attempt(state, calls);
      }
      hunt.advance(callsOfTurn);
    });
  }

  function inTurn(gas: bigint, go: () => void): void {
    stage.refill(turnGas, gas);
    try {
      go();
    } catch (error) {
      if (!(error instanceof TurnSpent)) throw error;
    }
  }

  async function fetch(): Promise<void> {
    const earlier = asked;
    const putOff = stage.takePutOff();
    asked = { putOff, isThere: askMissing(from, putOff) };
    if (earlier.putOff.length === 0) return;
    fetches++;
    await earlier.isThere;
    const came = await putMissing(from, earlier.putOff);
    missing += earlier.putOff.length - came.length;
    due.push(...came);
  }

  return {
    get calls() {
      return hunt.calls;
    },
    async advance() {
      work();
      await fetch();
    },
    takeSuspects: () => oracle?.takeSuspects() ?? [],
    grow: (suspect) => void due.push(...growSuspect(suspect, words.amounts ?? [])),
    report: () => ({
      calls: hunt.calls,
      gas: stage.burnt,
      blocks: blocksOf(engine, code),
      reached: pushed.functions.filter((name) => stage.reached.has(name)),
      waiting: due.length + asked.putOff.length,
      missing,
      fetches,
    }),
  };
}

function blocksOf(engine: Engine, code: Uint8Array): SearchReport["blocks"] {
  const text = toHex(code);
  const own = engine.coverage().filter(({ code: number }) => toHex(engine.codeOf(number)) === text);
  const all = own.flatMap(({ isCovered }) => isCovered);
  return { ran: all.filter(Boolean).length, all: all.length };
}
