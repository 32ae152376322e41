import { fileURLToPath } from "node:url";
import { compile } from "@testudo/contracts/compile";
import type { Address } from "@testudo/core/model/Hex";
import { type Engine, openEngine } from "@testudo/evm/openEngine";
import { toFunctionSelector } from "viem/utils";
import { beforeAll, expect, test } from "vitest";
import { fromHex } from "../record/bytes.ts";
import { guessInputs } from "./guessInputs.ts";

const from: Address = `0x${"01".repeat(20)}`;
const to: Address = `0x${"02".repeat(20)}`;
let engine: Engine;

beforeAll(async () => {
  const { deployedBytecode } = compile([fileURLToPath(new URL("Guessed.testkit.sol", import.meta.url))]).Guessed!;
  engine = await openEngine({
    fork: "cancun",
    chainId: 1n,
    block: {
      ...{ number: 1n, timestamp: 1n, gasLimit: 1n << 40n, baseFeePerGas: 0n, prevRandao: 0n, excessBlobGas: 0n },
      coinbase: `0x${"03".repeat(20)}`,
    },
    accounts: new Map([[to, { balance: 0n, nonce: 1n, code: fromHex(deployedBytecode) }]]),
    hooks: { comparisons: true },
  });
});

async function typesOf(signature: string) {
  const { inputs, isPayable } = await guessInputs({ engine, from, to, selector: toFunctionSelector(signature) });
  return { types: inputs.map((one) => one.map(({ type }) => type).join()), isPayable };
}

test("LAB-36: what a function's own checks say of its arguments is made out without an ABI", async () => {
  expect(await typesOf("two(address,uint256)")).toEqual({ types: ["address,uint256"], isPayable: false });
  expect(await typesOf("narrow(uint64,bool,bytes4,address)")).toEqual({
    types: ["uint64,bool,bytes4,address"],
    isPayable: true,
  });
  expect(await typesOf("text(uint256,bytes)")).toEqual({
    types: ["uint256,bytes", "uint256,uint256[]"],
    isPayable: false,
  });
});

test("LAB-36: a function that wants nothing is called bare, and with words, should it read them all the same", async () => {
  const words = Array.from({ length: 6 }, () => "uint256").join();
  expect(await typesOf("nothing()")).toEqual({ types: ["", words], isPayable: false });
});

test("behavior: what was asked leaves no trace in the state", async () => {
  const mark = engine.snapshot();
  await typesOf("narrow(uint64,bool,bytes4,address)");
  expect([engine.snapshot(), engine.slot(to, 0n), engine.account(from)?.balance]).toEqual([mark, 0n, 0n]);
});
