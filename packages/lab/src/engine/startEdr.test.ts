import { expect, test, vi } from "vitest";
import { EdrMissing, startEdr } from "./startEdr.ts";

vi.mock("@nomicfoundation/edr", () => {
  throw new Error("Cannot find package '@nomicfoundation/edr'");
});

test("EVM-05: error: EDR is not installed; what to run stands in the error", async () => {
  const block = {
    chainId: 1,
    number: 20_000_001n,
    timestamp: 1_717_281_408n,
    baseFeePerGas: 7n,
    gasLimit: 30_000_000n,
    coinbase: `0x${"c0".repeat(20)}`,
    prevRandao: `0x${"01".repeat(32)}`,
  } as const;
  const started = startEdr({ url: "http://127.0.0.1:9", block, hardfork: "cancun", isUnbounded: false });
  await expect(started).rejects.toThrow(EdrMissing);
  await expect(started).rejects.toThrow(/npm install @nomicfoundation\/edr@0\.13\.0/);
});
