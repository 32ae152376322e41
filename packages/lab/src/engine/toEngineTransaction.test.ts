import type { Authorization, EvmTransaction } from "@testudo/core/model/Evm";
import { expect, test } from "vitest";
import { toEngineTransaction } from "./toEngineTransaction.ts";

const one: Authorization = {
  chainId: "0x1",
  address: `0x${"c0".repeat(20)}`,
  nonce: "0x0",
  yParity: "0x0",
  // The x of a point of the curve.
  r: "0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
  s: `0x${"22".repeat(32)}`,
};

const authoritiesOf = (count: number, gas: bigint) => {
  const list = Array.from({ length: count }, () => one);
  const tx: EvmTransaction = {
    from: one.address,
    to: one.address,
    value: 0n,
    input: "0x",
    gas,
    authorizationList: list,
  };
  return (toEngineTransaction(tx, 0n, 0n).authorizationList ?? []).map(({ authority }) => authority !== undefined);
};

test("PRE-02: whose signatures a transaction carries is found out only where it pays for them", () => {
  expect(authoritiesOf(2, 50_000n)).toEqual([true, true]);
  expect(authoritiesOf(2, 49_999n)).toEqual([false, false]);
  expect(authoritiesOf(1_300, 21_000n).filter(Boolean)).toHaveLength(0);
});
