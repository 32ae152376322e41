import { guardians, steward } from "../example.testkit.ts";
import { testRefusals } from "../refusals.testkit.ts";

testRefusals([
  [
    "a guardian who is the steward",
    (d) => {
      d.steward.stewards = [guardians[1]];
    },
    "steward.stewards.0",
    "hold a guardian's vote too",
  ],
  [
    "a slow wallet that is the steward",
    (d) => {
      d.slowWallet = steward;
    },
    "steward.stewards.0",
    "set by the steward",
  ],
  ["a steward without a cooldown", { "steward.parameters.0.cooldownSeconds": 0 }, "all steps in one block"],
  ["a floor above the ceiling", { "steward.parameters.0.floor": 2n * 10n ** 18n }, "No value lies between"],
  ["a step above 50 %", { "steward.parameters.0.maxStepBps": 5_001 }, "A step of half or more"],
  ["a first value outside its bounds", { "steward.parameters.0.value": 1n }, "The contract refuses it"],
  ["a ramp longer than the cooldown", { "steward.parameters.0.rampSeconds": 86_401 }, "under way"],
  ["a steward without invariants", { "steward.invariants": [] }, "1 to 7 invariants"],
  ["a steward who guards the stewards", { "steward.guardian": steward }, "thief of the key"],
  ["a parameter twice", { "steward.parameters.1.id": "ETH/USD.imr" }, "replace the earlier"],
]);
