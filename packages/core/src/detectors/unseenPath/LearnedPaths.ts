// What paths a protected address is used by. The set closes when enough was seen, and opens again for a while after an
// upgrade; afterwards it grows only by what a person has confirmed.
import type { Address, Hex } from "../../model/Hex.ts";
import type { Memory } from "../../model/Memory.ts";
import { addToRing, ringOf } from "../../model/Ring.ts";

/** How long and from how many transactions paths are learned. */
export interface LearnTerms {
  readonly learnSeconds: number;
  readonly learnTxs: number;
  readonly relearnSeconds: number;
  readonly relearnTxs: number;
  readonly maxPaths: number;
}

/** `learning`: everything is new. `relearning`: the code was upgraded a short while ago. */
export type LearnPhase = "learning" | "relearning" | "closed";

type Count = readonly [since: number, txs: number];

/** The phase of `subject` at `now`, with one more transaction counted. */
export function countUse(memory: Memory, subject: Address, now: number, terms: LearnTerms): LearnPhase {
  const [since, txs] = (memory.get(`learn:${subject}`) ?? [now, 0]) as Count;
  if (now - since < terms.learnSeconds || txs < terms.learnTxs) {
    memory.set(`learn:${subject}`, [since, txs + 1]);
    return "learning";
  }
  const again = memory.get(`relearn:${subject}`) as Count | undefined;
  if (again === undefined) return "closed";
  if (now - again[0] >= terms.relearnSeconds && again[1] >= terms.relearnTxs) {
    memory.set(`relearn:${subject}`, undefined);
    return "closed";
  }
  memory.set(`relearn:${subject}`, [again[0], again[1] + 1]);
  return "relearning";
}

/** Notes that the code of `subject` changed at `now`. */
export function noteUpgrade(memory: Memory, subject: Address, now: number): void {
  memory.set(`relearn:${subject}`, [now, 0]);
}

/** Whether `hash` was learned. */
export function isLearned(memory: Memory, hash: Hex): boolean {
  return memory.get(`path:${hash}`) !== undefined;
}

/** Learns `hash`; false where `subject` has as many paths as may be kept. */
export function learnPath(memory: Memory, subject: Address, hash: Hex, maxPaths: number): boolean {
  const paths = Number(memory.get(`paths:${subject}`) ?? 0);
  if (paths >= maxPaths) return false;
  memory.set(`path:${hash}`, 1);
  memory.set(`paths:${subject}`, paths + 1);
  return true;
}

const maxTold = 256;
const daySeconds = 86_400;

/** Whether `hash` was told within a day; notes it as told where it was not. A path that goes on is one alert a day. */
export function wasTold(memory: Memory, hash: Hex, now: number): boolean {
  const told = ringOf<readonly [Hex, number]>(memory, "told");
  if (told.some(([h, at]) => h === hash && now - Number(at) < daySeconds)) return true;
  addToRing(memory, "told", [hash, now], maxTold);
  return false;
}
