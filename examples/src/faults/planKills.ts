import { createRandom } from "../curie/Random.ts";

/** Where a running defender is killed: `afterMs` after it has said that something is stored, or after a slot's block was made. */
export type Kill =
  | { readonly at: "word"; readonly word: Word; readonly afterMs: number }
  | { readonly at: "slot"; readonly slot: number; readonly afterMs: number };

/**
 * The way from attack to pause: found, proposed, tried, agreed, bytes stored, broadcast, in force. A kill after a word falls
 * into the work towards the next one.
 */
export const words = ["finding", "proposed", "simulated", "approved", "signed", "broadcast", "active"] as const;
export type Word = (typeof words)[number];

/** `count` kills from `seed`: each word of the way once, in the seed's choice, then moments in any slot, quiet ones too. */
export function planKills(seed: number, count: number, slots: number): readonly Kill[] {
  const random = createRandom(seed);
  const left: Word[] = [...words];
  return Array.from({ length: count }, (): Kill => {
    if (left.length === 0) return { at: "slot", slot: random.between(0, slots - 1), afterMs: random.between(0, 700) };
    const [word] = left.splice(random.between(0, left.length - 1), 1);
    return { at: "word", word: word!, afterMs: random.between(0, 60) };
  });
}
