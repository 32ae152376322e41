// A number that a contract answers: which call, and how to read it.
import { z } from "zod";
import type { Address, Hex } from "./Hex.ts";
import { wordAt } from "./Hex.ts";
import type { At, StateAnswer, StateRead } from "./StateRead.ts";

/** A call and the place of its figure: the `word`th word of the answer, a signed integer with `decimals` decimals. */
export interface Reading {
  readonly to: string;
  readonly data: string;
  readonly decimals: number;
  /** Counts from 0; 1 is the answer of Chainlink's latestRoundData. */
  readonly word: number;
}

export const readingSchema = z
  .object({
    to: z.string().regex(/^0x[0-9a-f]{40}$/, "a lower-case address"),
    data: z.string().regex(/^0x([0-9a-f]{2})*$/, "calldata in lower-case hexadecimal"),
    decimals: z.number().int().min(0).max(77),
    word: z.number().int().min(0).max(63).default(0),
  })
  .strict();

export function readOf(reading: Reading, at: At): StateRead {
  return { kind: "call", at, to: reading.to as Address, data: reading.data as Hex };
}

/** The figure in `answer` as a float; undefined for a revert or too short an answer. */
export function numberOf(reading: Reading, answer: StateAnswer | undefined): number | undefined {
  const raw = answer?.ok === true ? wordAt(answer.value, reading.word) : undefined;
  return raw === undefined ? undefined : Number(BigInt.asIntN(256, raw)) / 10 ** reading.decimals;
}
