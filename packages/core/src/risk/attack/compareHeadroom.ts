import type { Attacker } from "./Attacker.ts";
import type { Exposure } from "./Exposure.ts";
import { headroomOf } from "./headroom.ts";
import type { Oracle } from "./Oracle.ts";

/** What another oracle is worth against the same attacker and exposure. */
export interface HeadroomGain {
  /** Undefined where no attack can be made and gains anything. */
  readonly before?: number;
  readonly after?: number;
  /** after / before, where both are there; above 1 the second oracle is the better. */
  readonly ratio?: number;
}

/** The headroom of `after` against that of `before`: of a truncation, a median, a second source, a deeper pool (RISK-62). */
export function compareHeadroom(before: Oracle, after: Oracle, attacker: Attacker, exposure: Exposure): HeadroomGain {
  const [first, second] = [before, after].map((oracle) => headroomOf(oracle, attacker, exposure)?.value);
  return Object.freeze({
    ...(first !== undefined && { before: first }),
    ...(second !== undefined && { after: second }),
    ...(first !== undefined && second !== undefined && first > 0 && { ratio: second / first }),
  });
}
