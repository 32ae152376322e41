import { testRefusals } from "../refusals.testkit.ts";

testRefusals([
  ["a fund of a contract that is not there", { "fund.contract": "Valt" }, "Allowed: Vault"],
  ["a cap for a market that is misspelt", { "fund.caps.0.market": "ETH-USD" }, "Allowed: ETH/USD"],
  [
    "a market with two caps",
    (d) => {
      d.fund.caps.push(d.fund.caps[0]);
    },
    "fund.caps.1.market",
    "each once",
  ],
]);
