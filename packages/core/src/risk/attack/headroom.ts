import type { Attacker } from "./Attacker.ts";
import { costOfMove, type MoveCost, openPricer, type Pricer } from "./costOfMove.ts";
import type { Exposure } from "./Exposure.ts";
import type { Oracle } from "./Oracle.ts";

/** An attack that gains something, and how many times its gain it costs: below 1 it pays. */
export interface Headroom {
  readonly value: number;
  readonly gain: number;
  readonly attack: MoveCost;
}

/** H = min over the exposure's moves of cost / gain; undefined where no move can be made and gains anything. */
export function headroomOf(oracle: Oracle, attacker: Attacker, exposure: Exposure): Headroom | undefined {
  return leastHeadroom(oracle, openPricer(attacker), exposure);
}

/** The attack with the greatest gain less cost, which need not be that of the least cost for its gain. */
export function mostProfitableAttack(oracle: Oracle, attacker: Attacker, exposure: Exposure): Headroom | undefined {
  return bestOf(attacksOf(oracle, openPricer(attacker), exposure), ({ gain, attack }) => attack.cost - gain);
}

/** The least headroom with a pricer that is used again, an LTV of choice, and sources that the attacker has. */
export function leastHeadroom(
  oracle: Oracle,
  pricer: Pricer,
  exposure: Exposure,
  settings: { readonly ltv?: number; readonly captured?: readonly string[] } = {},
): Headroom | undefined {
  return bestOf(attacksOf(oracle, pricer, exposure, settings), ({ value }) => value);
}

function attacksOf(
  oracle: Oracle,
  pricer: Pricer,
  { moves, gain: gainOf, ltv: own = Number.NaN }: Exposure,
  { ltv = own, captured }: { readonly ltv?: number; readonly captured?: readonly string[] } = {},
): readonly Headroom[] {
  return moves.flatMap((move) => {
    const gain = gainOf(move, ltv);
    const attack = gain > 0 ? costOfMove(oracle, move, pricer, captured) : undefined;
    return attack === undefined ? [] : [Object.freeze({ value: attack.cost / gain, gain, attack })];
  });
}

function bestOf(attacks: readonly Headroom[], measure: (attack: Headroom) => number): Headroom | undefined {
  return attacks.reduce<Headroom | undefined>(
    (best, attack) => (best === undefined || measure(attack) < measure(best) ? attack : best),
    undefined,
  );
}
