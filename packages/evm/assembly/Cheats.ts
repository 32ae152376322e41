// The cheat codes that harnesses need, as Foundry defines them. They are off unless the host asks for them: then the two
// addresses below are accounts like any other.
import { NO_ACCOUNT } from "./Accounts";
import { hasRoom, Region } from "./Region";

export class Cheats {
  static isOn: bool = false;
  /** Accounts that stand for the cheat codes and for console.log. */
  static vm: u32 = NO_ACCOUNT;
  static console: u32 = NO_ACCOUNT;
  /** Depth + 1 of the frame whose next call has to revert; 0 for none. One at a time, as in Foundry. */
  static expecting: u32 = 0;
  /** What it has to revert with matters. */
  static hasReason: bool = false;
}

/** Call data of console.log, and of label: 4 bytes length, then the bytes, up to a multiple of 4. */
export const consoleCalls: Region = changetype<Region>(memory.data(16, 8));
export const labels: Region = changetype<Region>(memory.data(16, 8));
/** A run that loops must not fill memory. */
const MOST_BYTES: u32 = 1 << 20;

export function note(region: Region, from: usize, length: u32): void {
  const size = 4 + ((length + 3) & ~3);
  if (length > MOST_BYTES || region.length + size > MOST_BYTES || !hasRoom(region, size)) return;
  const at = region.start + region.length;
  region.length += size;
  store<u32>(at, length);
  memory.copy(at + 4, from, length);
}

/** Begins a run; labels stay. */
export function forgetCheats(): void {
  Cheats.expecting = 0;
  consoleCalls.length = 0;
}
