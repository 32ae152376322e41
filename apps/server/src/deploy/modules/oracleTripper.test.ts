import { allModules } from "../allModules.testkit.ts";
import { testRefusals } from "../refusals.testkit.ts";

testRefusals(
  [
    ["a silence of zero", { "oracleTrippers.0.minSilenceSeconds": 0 }, "staged within one transaction"],
    ["a silence below the spacing of rounds", { "oracleTrippers.0.minSilenceSeconds": 11 }, "keep a staged halt out"],
    ["a silence above a day", { "oracleTrippers.0.minSilenceSeconds": 86_401 }, "nobody is helped"],
    ["a trip of zero", { "oracleTrippers.0.tripSeconds": 0 }, "pauses nothing"],
    ["a trip without an end", { "oracleTrippers.0.tripSeconds": 259_201 }, "every pause has an end"],
    ["a market that is not there", { "oracleTrippers.0.market": "ETH" }, "Allowed: ETH/USD"],
    [
      "a market without an oracle",
      (d) => {
        delete d.oracle;
        delete d.latency;
      },
      "oracleTrippers.0.market",
      "no market of the oracle",
    ],
    [
      "a market twice",
      (d) => {
        d.oracleTrippers.push(d.oracleTrippers[0]);
      },
      "oracleTrippers.1.market",
      "each once",
    ],
    ["a group that is not there", { "oracleTrippers.0.group": "exit" }, "Allowed: exits, loans"],
  ],
  allModules,
);
