import { allModules } from "../allModules.testkit.ts";
import { guardians, nowhere } from "../example.testkit.ts";
import { testRefusals } from "../refusals.testkit.ts";

testRefusals(
  [
    [
      "a proof that pauses nothing",
      (d) => {
        d.hook.programs[0].pauseSeconds = 0;
      },
      "hook.programs.0.pauseSeconds",
      "leaves the hole open",
    ],
    [
      "a proof that pauses for ever",
      (d) => {
        d.hook.programs[0].pauseSeconds = 259_201;
      },
      "hook.programs.0.pauseSeconds",
      "every pause has an end",
    ],
    [
      "a program of no group",
      (d) => {
        d.hook.programs[0].group = "exit";
      },
      "hook.programs.0.group",
      "Allowed: exits, loans",
    ],
    [
      "a program of no code",
      (d) => {
        d.hook.programs[0].targets = [];
      },
      "hook.programs.0.targets",
      "1 to 7",
    ],
    [
      "a target twice",
      (d) => {
        d.hook.programs[0].targets.push(nowhere.vault);
      },
      "hook.programs.0.targets.1",
      "each once",
    ],
    [
      "a program twice",
      (d) => {
        d.hook.programs.push(d.hook.programs[0]);
      },
      "hook.programs.1.id",
      "replace the earlier",
    ],
    [
      "a loss of nothing",
      (d) => {
        d.hook.programs[0].buckets[0].lossLowerBound = 0n;
      },
      "hook.programs.0.buckets.0.lossLowerBound",
      "anyone could pause",
    ],
    [
      "bounds that do not rise",
      (d) => {
        d.hook.programs[0].buckets[1].lossLowerBound = 1_000n;
      },
      "hook.programs.0.buckets.1.lossLowerBound",
      "bounds that rise",
    ],
    [
      "a severity that falls",
      (d) => {
        d.hook.programs[0].buckets[1].severity = "low";
      },
      "hook.programs.0.buckets.1.severity",
      "proving a smaller loss",
    ],
    [
      "a key of no circuit",
      (d) => {
        d.hook.programs[0].vkHash = `0x${"0".repeat(64)}`;
      },
      "hook.programs.0.vkHash",
      "not all zero",
    ],
    [
      "a source who is a guardian",
      (d) => {
        d.hook.programs[0].source = guardians[0];
      },
      "hook.programs.0.source",
      "one for both roles",
    ],
    [
      "a source who is the slow wallet",
      (d) => {
        d.hook.programs[0].source = nowhere.slowWallet;
      },
      "hook.programs.0.source",
      "prove for itself",
    ],
    [
      "a hook without a bounty",
      (d) => {
        delete d.bounty;
      },
      "hook",
      "a vault that is there",
    ],
  ],
  allModules,
);
