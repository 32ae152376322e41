import { allModules } from "../allModules.testkit.ts";
import { guardians, nowhere } from "../example.testkit.ts";
import { testRefusals } from "../refusals.testkit.ts";

testRefusals(
  [
    ["a proof that pauses nothing", { "hook.programs.0.pauseSeconds": 0 }, "leaves the hole open"],
    ["a proof that pauses for ever", { "hook.programs.0.pauseSeconds": 259_201 }, "every pause has an end"],
    ["a program of no group", { "hook.programs.0.group": "exit" }, "Allowed: exits, loans"],
    ["a program of no code", { "hook.programs.0.targets": [] }, "1 to 7"],
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
    ["a loss of nothing", { "hook.programs.0.buckets.0.lossLowerBound": 0n }, "anyone could pause"],
    ["bounds that do not rise", { "hook.programs.0.buckets.1.lossLowerBound": 1_000n }, "bounds that rise"],
    ["a severity that falls", { "hook.programs.0.buckets.1.severity": "low" }, "proving a smaller loss"],
    ["a key of no circuit", { "hook.programs.0.vkHash": `0x${"0".repeat(64)}` }, "not all zero"],
    ["a source who is a guardian", { "hook.programs.0.source": guardians[0] }, "one for both roles"],
    ["a source who is the slow wallet", { "hook.programs.0.source": nowhere.slowWallet }, "prove for itself"],
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
