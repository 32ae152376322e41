import { guardians } from "../example.testkit.ts";
import { testRefusals } from "../refusals.testkit.ts";

const other = `0x${"8".repeat(40)}` as const;

testRefusals([
  ["one guardian", (d) => d.council.guardians.splice(1), "council.guardians", "one stolen key or one lost key decides"],
  ["two guardians", (d) => d.council.guardians.splice(2), "council.guardians", "3 to 7"],
  [
    "eight guardians",
    (d) => {
      for (let i = 0; i < 5; i++) d.council.guardians.push(`0x${`b${i}`.repeat(20)}`);
    },
    "council.guardians",
    "seven seats",
  ],
  ["m1 of one", { "council.m1": 1 }, "One guardian alone could pause"],
  ["m1 as large as m2", { "council.m2": 2 }, "m1 < m2 <= m3"],
  [
    "m2 above m3",
    (d) => {
      d.council.guardians.push(other);
      d.council.m2 = 4;
    },
    "council.m3",
    "veto their own removal",
  ],
  ["m3 above the guardians", { "council.m3": 4 }, "Nobody could ever reach it"],
  ["a guardian twice", { "council.guardians.2": guardians[0] }, "count as two people"],
  ["a slow wallet that is a guardian", { slowWallet: guardians[0] }, "its own check"],
  ["owners in place of a Safe", { slowWallet: { owners: guardians } }, "testudo deploys no Safe"],
  ["a guardian who is nobody", { "council.guardians.0": `0x${"0".repeat(40)}` }, "Nobody has its key"],
  ["a slow wallet that is nobody", { slowWallet: `0x${"0".repeat(40)}` }, "Nobody has its key"],
]);
