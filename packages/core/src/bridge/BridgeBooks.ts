// The books of a bridge over all its chains: what one guard cannot see, as it knows its own chain alone.
import type { Hex } from "../model/Hex.ts";

/**
 * One event of a guard. `route` names the pair of tokens alike on both chains. A lock or a burn is what `Sent` tells, a
 * mint or a release what `Relayed` tells; which of the two is told by the side of the guard's route.
 */
export interface BridgeMove {
  readonly kind: "lock" | "burn" | "mint" | "release";
  readonly route: string;
  readonly msgId: Hex;
  readonly amount: bigint;
}

/** What was read from the tokens of a route: the remote supply, and what the bridge holds at home. */
export interface BridgeReading {
  readonly route: string;
  readonly supply: bigint;
  readonly held: bigint;
}

/** The sums of a route. */
export interface BridgeTotals {
  readonly locked: bigint;
  readonly released: bigint;
  readonly minted: bigint;
  readonly burnt: bigint;
}

/**
 * What is wrong. `unsent`: it arrived and was not sent. `altered`: it arrived with another amount, or the wrong way.
 * `twice`: its id was sent or arrived before. `unlocked`: more was released than locked. `unbacked`: the remote supply is
 * above locked - released. `missing`: the bridge holds less than locked - released.
 */
export type BridgeFault =
  | { readonly kind: "unsent" | "twice"; readonly move: BridgeMove }
  | { readonly kind: "altered"; readonly move: BridgeMove; readonly sent: BridgeMove }
  | {
      readonly kind: "unlocked" | "unbacked" | "missing";
      readonly route: string;
      readonly have: bigint;
      readonly bound: bigint;
    };

const totalOf = { lock: "locked", release: "released", mint: "minted", burn: "burnt" } as const;
const answerTo = { lock: "mint", burn: "release" } as const;
const none: BridgeTotals = { locked: 0n, released: 0n, minted: 0n, burnt: 0n };

/** The sums of each route of `moves`, in any order. */
export function bridgeTotals(moves: readonly BridgeMove[]): ReadonlyMap<string, BridgeTotals> {
  const totals = new Map<string, BridgeTotals>();
  for (const { kind, route, amount } of moves) {
    const before = totals.get(route) ?? none;
    totals.set(route, { ...before, [totalOf[kind]]: before[totalOf[kind]] + amount });
  }
  return totals;
}

/** What was sent and has not arrived, in the order in which it was sent. */
export function inFlight(moves: readonly BridgeMove[]): readonly BridgeMove[] {
  const arrived = new Set(moves.filter((move) => !isSent(move)).map(({ msgId }) => msgId));
  return moves.filter((move) => isSent(move) && !arrived.has(move.msgId));
}

/**
 * Everything that is wrong at a cut: the moves of all chains up to a finalised block of each, in any order, and what was
 * read of the tokens there. The cut must hold each message's sending if it holds its arrival: read the blocks where
 * messages arrive before those where they are sent. A reorg is another cut.
 */
export function bridgeFaults(
  moves: readonly BridgeMove[],
  readings: readonly BridgeReading[] = [],
): readonly BridgeFault[] {
  const totals = bridgeTotals(moves);
  const sums = [...totals].flatMap(([route, sum]) => faultsOfSums(route, sum));
  return [...faultsOfMoves(moves), ...sums, ...readings.flatMap((one) => faultsOfReading(one, totals))];
}

function faultsOfMoves(moves: readonly BridgeMove[]): BridgeFault[] {
  const sent = new Map<Hex, BridgeMove>();
  const faults: BridgeFault[] = [];
  for (const move of moves.filter(isSent)) {
    if (sent.has(move.msgId)) faults.push({ kind: "twice", move });
    else sent.set(move.msgId, move);
  }
  const arrived = new Set<Hex>();
  for (const move of moves.filter((one) => !isSent(one))) {
    const from = sent.get(move.msgId);
    if (arrived.has(move.msgId)) faults.push({ kind: "twice", move });
    else if (from === undefined) faults.push({ kind: "unsent", move });
    else if (!answers(move, from)) faults.push({ kind: "altered", move, sent: from });
    arrived.add(move.msgId);
  }
  return faults;
}

function faultsOfSums(route: string, { locked, released, minted, burnt }: BridgeTotals): BridgeFault[] {
  const faults: BridgeFault[] = [];
  if (released > locked) faults.push({ kind: "unlocked", route, have: released, bound: locked });
  if (minted - burnt > locked - released)
    faults.push({ kind: "unbacked", route, have: minted - burnt, bound: locked - released });
  return faults;
}

/** A mint past the guard shows in the token's supply, a payment past it in what the bridge holds. */
function faultsOfReading(
  { route, supply, held }: BridgeReading,
  totals: ReadonlyMap<string, BridgeTotals>,
): BridgeFault[] {
  const { locked, released } = totals.get(route) ?? none;
  const bound = locked - released;
  const faults: BridgeFault[] = [];
  if (supply > bound) faults.push({ kind: "unbacked", route, have: supply, bound });
  if (held < bound) faults.push({ kind: "missing", route, have: held, bound });
  return faults;
}

function answers(move: BridgeMove, sent: BridgeMove): boolean {
  const { kind, route, amount } = sent;
  return (
    (kind === "lock" || kind === "burn") &&
    answerTo[kind] === move.kind &&
    route === move.route &&
    amount === move.amount
  );
}

function isSent({ kind }: BridgeMove): boolean {
  return kind === "lock" || kind === "burn";
}
