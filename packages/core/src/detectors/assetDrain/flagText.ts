import type { DrainSign } from "../../signs/DrainSign.ts";

/** What speaks for a drain: Z1, a large share left; Z2, the actors keep it; and signs. */
export type DrainFlag = "Z1" | "Z2" | DrainSign;

// Of Z1 the share tells, which the sentence names.
const words: Readonly<Record<Exclude<DrainFlag, "Z1">, string>> = {
  Z2: "kept by the actors",
  Z3: "young contract",
  Z4: "flash loan",
  Z5: "re-entry",
  Z7: "control changed",
  Z8: "donation",
  Z9: "paid to accounts without a past",
};

/** `flags` for somebody who is woken by them, as in " (kept by the actors, flash loan)"; empty where nothing is to be said. */
export function flagText(flags: readonly DrainFlag[]): string {
  const told = flags.flatMap((flag) => (flag === "Z1" ? [] : words[flag]));
  return told.length === 0 ? "" : ` (${told.join(", ")})`;
}
