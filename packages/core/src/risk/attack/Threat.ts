import type { PriceMotion } from "../crossingChance.ts";

/** Where an objective's probability comes from. */
export type Chance =
  /** Nothing but money is needed. */
  | { readonly model: "always" }
  /** So many runs of consecutive slots of the attacker's among so many: s^k where `within` is `slots`. */
  | {
      readonly model: "slots";
      readonly share: number;
      readonly slots: number;
      readonly runs: number;
      readonly within: number;
    }
  /** The market moves by `move`, relative, within a time; looked at every `stepSeconds`, or always. */
  | {
      readonly model: "move";
      readonly move: number;
      readonly motion: PriceMotion;
      readonly seconds: number;
      readonly stepSeconds?: number;
    }
  /** Somebody's judgement. */
  | { readonly model: "stated"; readonly probability: number; readonly by: string };

/** What a defence leaves of an attack: what it then costs, and what it then gains. */
export interface Defence {
  readonly name: string;
  readonly cost: number;
  readonly gain: number;
}

/** Something that an attacker may want. Amounts in one currency. */
export interface Objective {
  readonly id: string;
  readonly cost: number;
  readonly gain: number;
  readonly chance: Chance;
  readonly defences: readonly Defence[];
}

/** What of an attack is left behind the defence that leaves the least. */
export interface Containment {
  readonly name: string;
  readonly cost: number;
  readonly gain: number;
  readonly expectedProfit: number;
  /** Whether the attack no longer pays. */
  readonly contains: boolean;
}

/** An objective in its place among others. */
export interface Threat {
  readonly id: string;
  /** From 1 on. */
  readonly rank: number;
  readonly cost: number;
  readonly gain: number;
  /** cost / gain; undefined where nothing is gained. */
  readonly headroom?: number;
  readonly probability: number;
  /** What the probability was calculated from. */
  readonly chance: Chance;
  /** probability x (gain - cost): the attacker waits for his chance, and pays only then. */
  readonly expectedProfit: number;
  readonly defence?: Containment;
}
