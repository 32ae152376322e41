import type { DetectContext } from "./Detector.ts";
import { type Hex, wordAt } from "./Hex.ts";
import type { At, StateAnswer, StateRead } from "./StateRead.ts";

/** A question about state: what to read, and what the answers, in that order, come to. Pure; whoever has the answers decodes them. */
export interface Query<T> {
  readonly reads: readonly StateRead[];
  decode(answers: readonly StateAnswer[]): T;
}

/** Several queries as one: one round trip. */
export function queryAll<T>(queries: readonly Query<T>[]): Query<T[]> {
  return {
    reads: queries.flatMap(({ reads }) => reads),
    decode(answers) {
      let at = 0;
      return queries.map(({ reads, decode }) => {
        const own = answers.slice(at, at + reads.length);
        at += reads.length;
        return decode(own);
      });
    },
  };
}

/** The answer to `query` in a detector; ends the run where it is not there yet. */
export function askQuery<T>(context: Pick<DetectContext<unknown>, "readAll">, query: Query<T>): T {
  return query.decode(query.reads.length === 0 ? [] : context.readAll(query.reads));
}

/** A call of `selector` with `words` (64 hex digits each, see `toWord`) as its arguments. */
export function callRead(to: Hex, at: At, selector: Hex, ...words: readonly string[]): StateRead {
  return { kind: "call", at, to, data: `${selector}${words.join("")}` as Hex };
}

/** The `index`th word of an answer, unsigned; undefined for a revert or too short an answer. */
export function uintOf(answer: StateAnswer | undefined, index = 0): bigint | undefined {
  return answer?.ok === true ? wordAt(answer.value, index) : undefined;
}

/** The `index`th word of an answer, signed. */
export function intOf(answer: StateAnswer | undefined, index = 0): bigint | undefined {
  const word = uintOf(answer, index);
  return word === undefined ? undefined : BigInt.asIntN(256, word);
}
