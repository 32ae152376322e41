import { testRefusals } from "../refusals.testkit.ts";

testRefusals([
  [
    "a model hash of zero",
    (d) => {
      d.margin.modelHash = `0x${"0".repeat(64)}`;
    },
    "margin.modelHash",
    "not all zero",
  ],
]);
