import {
  accountAt,
  addressAt,
  balanceAt,
  isEmpty,
  needAccount,
  NO_ACCOUNT,
  rememberBalance,
  rememberLife,
  touch,
  warmAccount,
} from "./Accounts";
import { fail } from "./copy";
import { Frame, memoryStart } from "./Frame";
import { Run } from "./Run";
import { MISS, OUT_OF_GAS, STOP, SUCCESS, WRITE_PROTECTION } from "./status";
import { traceEnter, traceLeave } from "./Trace";
import { transfer } from "./transfer";
import { copyWord, isZeroWord } from "./word";
import { zeroWord } from "./words";

/** How the trace names it; no frame has this kind. */
export const SELFDESTRUCT_KIND: u32 = 6;
const amount: usize = memory.data(32, 16);

/** SELFDESTRUCT: the balance goes; the account only if this transaction created it (EIP-6780). */
export function selfDestruct(frame: Frame): i32 {
  const heir = needAccount(frame.sp);
  if (heir == NO_ACCOUNT) return MISS;
  if (frame.isStatic != 0) return fail(WRITE_PROTECTION);
  const self = frame.self;
  const hasBalance = !isZeroWord(balanceAt(self));
  if (warmAccount(heir)) frame.gas -= 2600;
  if (hasBalance && isEmpty(heir)) frame.gas -= 25_000;
  if (frame.gas < 0) return fail(OUT_OF_GAS);
  copyWord(amount, balanceAt(self));
  traceEnter(SELFDESTRUCT_KIND, addressAt(self), addressAt(heir), amount, 0, memoryStart(frame), 0);
  touch(heir);
  transfer(self, heir, amount);
  if (accountAt(self).createdIn == Run.id) {
    rememberLife(self);
    accountAt(self).destroyedIn = Run.id;
    if (heir == self && hasBalance) {
      rememberBalance(self);
      zeroWord(balanceAt(self));
    }
  }
  traceLeave(SUCCESS, 0, 0, 0);
  frame.sp -= 32;
  return STOP;
}
