import { allModules } from "../allModules.testkit.ts";
import { nowhere } from "../example.testkit.ts";
import { testRefusals } from "../refusals.testkit.ts";

testRefusals(
  [
    ["a face of no market", { "morpho.0.market": "ETH" }, "Allowed: ETH/USD"],
    [
      "two faces of a market",
      (d) => {
        d.morpho.push(d.morpho[0]);
      },
      "morpho.1.market",
      "each once",
    ],
    ["a face that lends against a jump", { "morpho.0.maxRiseBps": 1_001 }, "itself calls a jump"],
    ["a loan secured by itself", { "morpho.0.collateral.token": nowhere.token }, "keeps its oracle for ever"],
    [
      "decimals that lose digits",
      (d) => {
        d.morpho[0].loan.decimals = 0;
        d.morpho[0].collateral.decimals = 19;
      },
      "morpho.0.collateral.decimals",
      "18 apart",
    ],
    [
      "no decimals",
      (d) => {
        delete d.morpho[0].loan.decimals;
      },
      "morpho.0.loan.decimals",
      "factor of ten",
    ],
  ],
  allModules,
);
