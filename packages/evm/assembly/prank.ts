// vm.prank and vm.startPrank: another sender of the calls and creations of one frame. It ends with the frame at the latest.
import { addressAt, findAccount } from "./Accounts";
import { blockWords, ORIGIN } from "./Block";
import { Frame } from "./Frame";
import { copyWord } from "./word";

const ONCE: u32 = 1;
const USED: u32 = 2;
const DELEGATECALL: u32 = 2;

export const PRANK_UNUSED: u32 = 1;
export const PRANK_ONGOING: u32 = 2;

/** Sets who the frame's next call, or all of them, come from; why it cannot, or 0. `origin` is -1 where it stays. */
export function setPrank(frame: Frame, sender: u32, origin: i64, isOnce: bool): u32 {
  if (frame.prankAs != 0) {
    if ((frame.prankFlags & USED) == 0) return PRANK_UNUSED;
    if (((frame.prankFlags & ONCE) != 0) != isOnce) return PRANK_ONGOING;
  }
  frame.prankAs = sender + 1;
  frame.prankOrigin = <u32>(origin + 1);
  frame.prankFlags = isOnce ? ONCE : 0;
  return 0;
}

export function stopPrank(frame: Frame): void {
  frame.prankAs = 0;
}

/** The account that the frame's next call comes from, as far as it may be another. */
export function senderOf(frame: Frame, kind: u32): u32 {
  return frame.prankAs != 0 && kind != DELEGATECALL ? frame.prankAs - 1 : frame.self;
}

/** The next call begins: what was meant for one call is over. Gives the origin to set, + 1. */
export function usePrank(frame: Frame, kind: u32): u32 {
  if (frame.prankAs == 0) return 0;
  const origin = kind == DELEGATECALL ? 0 : frame.prankOrigin;
  if ((frame.prankFlags & ONCE) != 0) frame.prankAs = 0;
  else frame.prankFlags |= USED;
  return origin;
}

/** Gives the frame that begins another origin, until it ends. */
export function setOrigin(child: Frame, origin: u32): void {
  if (origin == 0) return;
  child.originBefore = findAccount(blockWords + ORIGIN) + 1;
  copyWord(blockWords + ORIGIN, addressAt(origin - 1));
}

export function restoreOrigin(frame: Frame): void {
  if (frame.originBefore != 0) copyWord(blockWords + ORIGIN, addressAt(frame.originBefore - 1));
}
