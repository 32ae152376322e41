import { addressAt, balanceAt, rememberBalance } from "./Accounts";
import { Hooks, isWatched, recordFlow } from "./Hooks";
import { addWord, isZeroWord, subWord } from "./word";

/** Moves wei between accounts; the caller has checked that there is enough. */
export function transfer(from: u32, to: u32, value: usize): void {
  if (isZeroWord(value)) return;
  if (Hooks.flows && (isWatched(from) || isWatched(to))) recordFlow(0, addressAt(from), addressAt(to), value);
  if (from == to) return;
  rememberBalance(from);
  subWord(balanceAt(from), balanceAt(from), value);
  rememberBalance(to);
  addWord(balanceAt(to), balanceAt(to), value);
}
