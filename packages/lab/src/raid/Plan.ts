import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Callable } from "../adversary/Callable.ts";
import type { Place } from "../adversary/Place.ts";

/** An attack in its order. */
export type Plan = readonly Move[];

export type Move = CallMove | WaitMove | PowerMove;

/** A call of one of the attacker's accounts, or in the name of a stolen key. */
export interface CallMove {
  readonly kind: "call";
  /** The same in every plan that it is copied into. */
  readonly id: number;
  /** Number of the account; those behind the last account are keys. */
  readonly actor: number;
  readonly callable: Callable;
  /** In wei. */
  readonly value: bigint;
  readonly input: Uint8Array;
  readonly leaves: readonly Leaf[];
  /** What is played when somebody calls back in the middle of it. */
  readonly inner: readonly CallMove[];
}

export interface WaitMove {
  readonly kind: "wait";
  readonly seconds: number;
}

/** Others do what the scenario says under this number. */
export interface PowerMove {
  readonly kind: "power";
  readonly power: number;
}

/** A value of a call. */
export interface Leaf {
  readonly place: Place;
  /** Name and type of the parameter, or of the component. */
  readonly name: string;
  readonly type: string;
  /** Where it is read when the call is made; without it the value stands in the call data. */
  readonly source?: Source;
}

/** `times / over` of a word: of what a view answers, or of what an earlier call answered. */
export type Source = {
  readonly word: number;
  readonly times: bigint;
  readonly over: bigint;
} & (
  | { readonly kind: "view"; readonly to: Address; readonly question: Hex }
  | { readonly kind: "earlier"; readonly id: number }
);

export const isCall = (move: Move): move is CallMove => move.kind === "call";

/** Moves that go in one transaction: calls of one account that follow each other. Keys, behind the accounts, send call by call. */
export function turnsOf(plan: Plan, accounts: number): (readonly Move[])[] {
  const turns: Move[][] = [];
  for (const move of plan) {
    const last = turns.at(-1)?.at(-1);
    const joins =
      last !== undefined && isCall(last) && isCall(move) && last.actor === move.actor && move.actor < accounts;
    if (joins) turns.at(-1)!.push(move);
    else turns.push([move]);
  }
  return turns;
}
