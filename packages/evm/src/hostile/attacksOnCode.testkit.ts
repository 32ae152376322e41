import { fromHex } from "../hex.ts";
import { type Attack, attack, creating, forever, placeOf, repeated } from "./Attack.testkit.ts";

const [second, third] = [placeOf(1), placeOf(2)];
// PUSH9 of a constant: ten bytes of code, 48 when decoded.
const constants = repeated(`68${"ff".repeat(9)}`, 2457);
const longest = 0xc000;

/** Decoding, jump destinations and creations. */
export const attacksOnCode: readonly Attack[] = [
  // ADDRESS PUSH0 MSTORE PUSH1 32 PUSH0 RETURN: no contract has the code of another.
  attack("creations", creating("0x40 0 0 CREATE", fromHex("0x305f5260205ff3"))),
  attack("creations with a salt", creating("DUP1 0x1000 0 0 CREATE2", repeated("5b", 0x1000))),
  attack("init code of jump destinations", creating("0xc000 0 0 CREATE", repeated("5b", longest))),
  attack("init code of many blocks", creating("0xc000 0 0 CREATE", repeated("5a", longest))),
  attack("init code of long constants", creating("0x5ffa 0 0 CREATE", constants)),
  attack("init code too long", creating("0xc001 0 0 CREATE", repeated("5b", longest + 1))),
  attack("code that creates itself", "CODESIZE 0 0 CODECOPY CODESIZE 0 0 CREATE CODESIZE 0 0 CREATE CODESIZE 0 RETURN"),
  // CALLER SELFDESTRUCT, as init code.
  attack("victims of their own", `0x33ff 0 MSTORE ${forever("2 30 1 CREATE POP")}`),
  // 100 slots, then the same: more records at the end of the run than a journal has in reserve.
  attack(
    "slots that go with their contract",
    creating("0x60 0 0 CREATE", fromHex(`0x60645b808055600190038060025733ff${"00".repeat(80)}`)),
  ),
  attack("long constants", constants),
  attack("pops without end", repeated("50", 24_000)),
  attack("swaps and copies", repeated("8f9f8f9f80", 4_800)),
  attack("jumps everywhere", repeated("5b5f35565b", 4_800)),
  attack("a push over the end", fromHex(`0x${"5f50".repeat(8)}7f`)),
  attack(
    "every byte",
    Uint8Array.from({ length: 24_576 }, (_, i) => (i * 167 + (i >> 8)) & 0xff),
  ),
  attack(
    "delegations in a circle",
    `0 0 0 0 0 ${second} GAS CALL 0 0 0 0 0 ${third} GAS CALL STOP`,
    fromHex(`0xef0100${third.slice(2)}`),
    fromHex(`0xef0100${second.slice(2)}`),
  ),
];
