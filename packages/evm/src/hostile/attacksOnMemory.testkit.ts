import { type Attack, attack, counting, forever, placeOf } from "./Attack.testkit.ts";

const [first, second] = [placeOf(0), placeOf(1)];
const most = `0x${"ff".repeat(32)}`;
// From what a block pays for, over what no block pays for, to what does not fit 32 bits.
const offsets = ["0x3fffffe0", "0x3fffffff", "0x7fffffff", "0xffffffe0", "0xffffffff", "0x1000000000", most];

/** Memory, depth and output. */
export const attacksOnMemory: readonly Attack[] = [
  attack(
    "return bomb",
    forever(`0 0 0 0 0 ${second} GAS CALL POP RETURNDATASIZE 0 0 RETURNDATACOPY`),
    "0x080000 0 RETURN",
  ),
  attack("revert bomb", forever(`0x080000 0 0 0 0 ${second} 0x989680 CALL POP`), "0x080000 0 REVERT"),
  attack("recursion", `0 0 0 0 0 ${first} GAS CALL STOP`),
  attack("recursion with memory", `0 0x4000 MSTORE 0x4000 0 0x4000 0 0 ${first} GAS CALL 0x4000 0 RETURN`),
  attack(
    "recursion in three ways",
    `0 0 0 0 ${first} GAS DELEGATECALL 0 0 0 0 ${first} GAS STATICCALL 0 0 0 0 0 ${first} GAS CALL STOP`,
  ),
  attack("memory step by step", counting("DUP1 0x0400 MUL 0 SWAP1 MSTORE")),
  // 30 million gas pay for 123,000 words.
  attack("memory at the edge of the gas", "0 0x3b0000 MSTORE 0 0x3c3000 MSTORE 0 0x3d0000 MSTORE STOP"),
  ...offsets.map((offset) => attack(`memory at ${offset}`, `1 ${offset} MSTORE STOP`)),
  attack(
    "nothing at the end of memory",
    `0 0 ${most} CODECOPY 0 0 ${most} CALLDATACOPY 0 0 ${most} 0x04 EXTCODECOPY 0 0 0xffffffff RETURNDATACOPY 0 0 0xf0000000 RETURNDATACOPY
     0 0xffffffff KECCAK256 0 0xf0000000 LOG0 0 ${most} 0 MCOPY 0 0xffffffff 0 CREATE
     0 0xf0000000 0 0xf0000000 0 4 GAS CALL 0 0xffffffff 0 0xffffffff 0 ${second} GAS CALL 0 0xffffffff RETURN`,
    "0x40 0 RETURN",
  ),
  attack("logs", forever("1 2 3 4 0x0400 0 LOG4")),
  attack("long logs", `0 0x100000 MSTORE ${forever("0x8000 0 LOG0")}`),
  attack("long inputs", `0 0x200000 MSTORE ${forever(`0 0 0x200000 0 0 ${second} GAS CALL POP`)}`, "STOP"),
];
