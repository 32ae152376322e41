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
  [
    "a steward without a cooldown",
    (d) => {
      d.steward.parameters[0].cooldownSeconds = 0;
    },
    "steward.parameters.0.cooldownSeconds",
    "all steps in one block",
  ],
  [
    "a floor above the ceiling",
    (d) => {
      d.steward.parameters[0].floor = 2n * 10n ** 18n;
    },
    "steward.parameters.0.floor",
    "No value lies between",
  ],
  [
    "a step above 50 %",
    (d) => {
      d.steward.parameters[0].maxStepBps = 5_001;
    },
    "steward.parameters.0.maxStepBps",
    "A step of half or more",
  ],
  [
    "a first value outside its bounds",
    (d) => {
      d.steward.parameters[0].value = 1n;
    },
    "steward.parameters.0.value",
    "The contract refuses it",
  ],
  [
    "a ramp longer than the cooldown",
    (d) => {
      d.steward.parameters[0].rampSeconds = 86_401;
    },
    "steward.parameters.0.rampSeconds",
    "under way",
  ],
  [
    "a steward without invariants",
    (d) => {
      d.steward.invariants = [];
    },
    "steward.invariants",
    "1 to 7 invariants",
  ],
  [
    "a steward who guards the stewards",
    (d) => {
      d.steward.guardian = steward;
    },
    "steward.guardian",
    "thief of the key",
  ],
  [
    "a parameter twice",
    (d) => {
      d.steward.parameters[1].id = "ETH/USD.imr";
    },
    "steward.parameters.1.id",
    "replace the earlier",
  ],
]);
