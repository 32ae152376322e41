import type { Hex } from "@testudo/core/model/Hex";

const [push1, push32] = [0x60, 0x7f];
const [log0, log4] = [0xa0, 0xa4];
// CALLCODE and DELEGATECALL: what they run logs in the name of whoever runs it.
const inOwnName = [0xf2, 0xf4];
// A delegation (EIP-7702), or a container.
const format = "0xef";

/** Whether `code` may log, by itself or by what it has run in its name. What a chain has built in may log without. */
export function mayLog(code: Hex): boolean {
  if (code.startsWith(format)) return true;
  const bytes = Buffer.from(code.slice(2), "hex");
  for (let at = 0; at < bytes.length; at += 1) {
    const operation = bytes[at]!;
    if ((operation >= log0 && operation <= log4) || inOwnName.includes(operation)) return true;
    if (operation >= push1 && operation <= push32) at += operation - push1 + 1;
  }
  return false;
}
