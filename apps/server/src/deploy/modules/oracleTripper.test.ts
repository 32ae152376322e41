import { allModules } from "../allModules.testkit.ts";
import { testRefusals } from "../refusals.testkit.ts";

testRefusals(
  [
    [
      "a silence of zero",
      (d) => {
        d.oracleTrippers[0].minSilenceSeconds = 0;
      },
      "oracleTrippers.0.minSilenceSeconds",
      "staged within one transaction",
    ],
    [
      "a silence below the spacing of rounds",
      (d) => {
        d.oracleTrippers[0].minSilenceSeconds = 11;
      },
      "oracleTrippers.0.minSilenceSeconds",
      "keep a staged halt out",
    ],
    [
      "a silence above a day",
      (d) => {
        d.oracleTrippers[0].minSilenceSeconds = 86_401;
      },
      "oracleTrippers.0.minSilenceSeconds",
      "nobody is helped",
    ],
    [
      "a trip of zero",
      (d) => {
        d.oracleTrippers[0].tripSeconds = 0;
      },
      "oracleTrippers.0.tripSeconds",
      "pauses nothing",
    ],
    [
      "a trip without an end",
      (d) => {
        d.oracleTrippers[0].tripSeconds = 259_201;
      },
      "oracleTrippers.0.tripSeconds",
      "every pause has an end",
    ],
    [
      "a market that is not there",
      (d) => {
        d.oracleTrippers[0].market = "ETH";
      },
      "oracleTrippers.0.market",
      "Allowed: ETH/USD",
    ],
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
    [
      "a group that is not there",
      (d) => {
        d.oracleTrippers[0].group = "exit";
      },
      "oracleTrippers.0.group",
      "Allowed: exits, loans",
    ],
  ],
  allModules,
);
