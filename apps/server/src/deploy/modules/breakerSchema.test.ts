import { expect, test } from "vitest";
import { exampleDeployment, guardians, nowhere } from "../example.testkit.ts";
import { refusals, testRefusals } from "../refusals.testkit.ts";

const mixed = "0xaBaBaBaBABabABabAbAbABAbABabababaBaBABaB";
const other = `0x${"8".repeat(40)}` as const;

testRefusals([
  ["a guardian who trips alone", { "trippers.0.caller": guardians[1] }, "m1 would not count"],
  ["no exempt function", { "protect.0.exempt": [] }, "locks users into positions"],
  [
    "an exempt outflow",
    (d) => {
      d.protect[0].exempt = ["withdrawAll()"];
    },
    "protect.0.exempt.0",
    "lets value out",
  ],
  [
    "a guarded function that is exempt too",
    (d) => {
      d.protect[0].exempt.push("borrow(uint256)");
      d.protect[0].guarded = ["withdraw(uint256)", "repay(uint256)"];
    },
    "protect.0.exempt.0",
    "cannot be paused by guardians",
  ],
  [
    "a function guarded twice",
    (d) => {
      d.protect[0].guarded.push("withdraw(uint256)");
    },
    "protect.0.guarded.2",
    "guarded or exempt",
  ],
  [
    "two functions of one selector",
    (d) => {
      d.protect[0].guarded.push("collate_propagate_storage(bytes16)", "burn(uint256)");
    },
    "protect.0.guarded.3",
    "once more",
  ],
  ["a selector in place of a signature", { "protect.0.guarded.0": "0x2e1a7d4d" }, "a function's signature"],
  ["an alias in a signature", { "protect.0.guarded.0": "withdraw(uint)" }, "a function's signature"],
  [
    "a contract twice",
    (d) => {
      d.protect.push({ ...d.protect[0], name: "Again" });
    },
    "protect.1.address",
    "registered once",
  ],
  [
    "a name twice",
    (d) => {
      d.protect.push({ ...d.protect[0], address: other });
    },
    "protect.1.name",
    "stands for one contract",
  ],
  ["a group with an exempt function", { "groups.0.members.0.function": "repay(uint256)" }, "an exempt one never falls"],
  ["a group over nothing", { "groups.0.members.0.contract": "Valt" }, "Allowed: Vault"],
  [
    "a group member twice",
    (d) => {
      d.groups[0].members.push(d.groups[0].members[0]);
    },
    "groups.0.members.1",
    "each once",
  ],
  [
    "a program of an exempt function",
    (d) => {
      d.programs = [{ caller: other, contract: "Vault", function: "repay(uint256)" }];
    },
    "programs.0.function",
    "lets people out of risk",
  ],
  [
    "a program of no contract",
    (d) => {
      d.programs = [{ caller: other, contract: "Valt", function: "withdraw(uint256)" }];
    },
    "programs.0.contract",
    "Allowed: Vault",
  ],
  [
    "a program twice",
    (d) => {
      const program = { caller: other, contract: "Vault", function: "withdraw(uint256)" };
      d.programs = [program, program];
    },
    "programs.1",
    "may do so once",
  ],
  [
    "a guardian who sets rules alone",
    (d) => {
      d.programs = [{ caller: guardians[1], contract: "Vault", function: "withdraw(uint256)" }];
    },
    "programs.0.caller",
    "m1 would not count",
  ],
  [
    "a group twice",
    (d) => {
      d.groups.push(d.groups[0]);
    },
    "groups.1.name",
    "registered once",
  ],
  ["a contract with a module's name", { "protect.0.name": "oracle" }, "the name of a module"],
  ["a wrong checksum", { "protect.0.address": mixed }, "EIP-55"],
  ["a name that does not fit into 32 bytes", { "groups.0.name": "x".repeat(32) }, "1 to 31 ASCII"],
  [
    "a probe of a function that cannot be paused",
    (d) => {
      d.protect[0].probes = [{ function: "plain(uint256)", from: nowhere.vault, data: "0x4e6ec247" }];
    },
    "protect.0.probes.0.function",
    "neither guarded nor exempt",
  ],
  [
    "a probe that calls something else",
    (d) => {
      d.protect[0].probes = [{ function: "withdraw(uint256)", from: nowhere.vault, data: "0x4e6ec247" }];
    },
    "protect.0.probes.0.data",
    "begins with 0x2e1a7d4d",
  ],
  [
    "two probes of one function",
    (d) => {
      const probe = { function: "withdraw(uint256)", from: nowhere.vault, data: "0x2e1a7d4d" };
      d.protect[0].probes = [probe, probe];
    },
    "protect.0.probes.1",
    "each once",
  ],
]);

const outflows = [
  "emergencyWithdraw",
  "exit",
  "removeCollateral",
  "safeTransferFrom",
  "forceWithdraw",
  "upgradeTo",
  "setOwner",
];
testRefusals(
  outflows.map((name) => [
    `an exempt ${name}`,
    { "protect.0.exempt.0": `${name}(uint256)` },
    "lets value out or opens risk",
  ]),
);

test.each(["repayBorrow", "liquidateBorrow", "cancelWithdraw", "removeLiquidity", "closePosition", "setStopLoss"])(
  "behavior: %s may be exempt",
  (name) => {
    const file = exampleDeployment();
    file.protect[0]!.exempt = [`${name}(uint256)`];
    expect(refusals(file)).toEqual([]);
  },
);
