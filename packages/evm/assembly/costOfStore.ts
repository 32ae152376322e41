import { Run } from "./Run";
import { isZeroAt, originalAt, slotAt, valueAt, warmSlot } from "./Slots";
import { eqWord } from "./word";

const COLD: i64 = 2100;
const WARM: i64 = 100;
const SET: i64 = 20_000;
const RESET: i64 = 2900;
const CLEAR_REFUND: i64 = 4800;

/** The gas of storing the word at `next` into the slot (EIP-2200, EIP-2929, EIP-3529); counts what is given back. */
export function costOfStore(index: u32, next: usize): i64 {
  const access: i64 = warmSlot(index) ? COLD : 0;
  const current = valueAt(index);
  if (eqWord(current, next)) return access + WARM;
  const original = slotAt(index).originalIn == Run.id ? originalAt(index) : current;
  if (eqWord(original, current)) {
    if (isZeroAt(original)) return access + SET;
    if (isZeroAt(next)) Run.refund += CLEAR_REFUND;
    return access + RESET;
  }
  if (!isZeroAt(original)) {
    if (isZeroAt(current)) Run.refund -= CLEAR_REFUND;
    else if (isZeroAt(next)) Run.refund += CLEAR_REFUND;
  }
  if (eqWord(original, next)) Run.refund += isZeroAt(original) ? SET - WARM : RESET - WARM;
  return access + WARM;
}
