import { expect, test } from "vitest";
import { deploymentSchema } from "./deploymentSchema.ts";
import { exampleDeployment } from "./example.testkit.ts";
import { refusals, testRefusals } from "./refusals.testkit.ts";

test("behavior: a deployment in order is taken, with selectors and defaults", () => {
  const { protect, trippers, timelock, oracle } = deploymentSchema.parse(exampleDeployment());
  expect(protect[0]!.guarded[0]).toEqual({ signature: "withdraw(uint256)", selector: "0x2e1a7d4d" });
  expect(trippers).toHaveLength(1);
  expect(timelock.executors).toBeUndefined();
  expect(oracle!.markets[0]!.twapWindowSeconds).toBe(0);
});

test("behavior: breaker, council and timelock are enough", () => {
  const { chainId, protect, council, slowWallet, timelock } = exampleDeployment();
  expect(refusals({ chainId, protect, council, slowWallet, timelock })).toEqual([]);
});

testRefusals([
  [
    "a caller that trips a group twice",
    (d) => {
      d.trippers.push({ ...d.trippers[0] });
    },
    "trippers.1",
    "is there twice",
  ],
  ["an unknown module", { bunty: {} }, "unknown key"],
]);
