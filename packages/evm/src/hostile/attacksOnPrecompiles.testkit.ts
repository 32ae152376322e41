import { type Attack, attack, forever } from "./Attack.testkit.ts";

const most = `0x${"ff".repeat(32)}`;
const ids = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 17];
const lengths = [
  ["1", most, "1"],
  [most, "1", "1"],
  ["1", "1", most],
  ["0x20", "0x20", "0x20"],
  ["0x0400", "0x0400", "0x0400"],
  ["0", "0", "0"],
  ["0x100000", "0x20", "0x100000"],
] as const;

/** Precompiled contracts with two megabytes of input: calls that do not pay for them, and calls that do. */
export const attacksOnPrecompiles: readonly Attack[] = [
  ...ids.map((id) => attack(`${id} unpaid`, `0 0x1fffe0 MSTORE ${forever(`0 0 0x200000 0 ${id} 0 STATICCALL POP`)}`)),
  ...ids.map((id) => attack(`${id} paid`, `0 0x03ffe0 MSTORE ${forever(`0 0 0x040000 0 ${id} GAS STATICCALL POP`)}`)),
  ...lengths.map(([base, exponent, modulus]) =>
    attack(
      `modexp of ${base.slice(0, 8)}, ${exponent.slice(0, 8)}, ${modulus.slice(0, 8)}`,
      `${base} 0 MSTORE ${exponent} 0x20 MSTORE ${modulus} 0x40 MSTORE ${most} 0x60 MSTORE ${most} 0x80 MSTORE
       ${forever("0x0400 0 0x040000 0 5 0x2dc6c0 STATICCALL POP")}`,
    ),
  ),
];
