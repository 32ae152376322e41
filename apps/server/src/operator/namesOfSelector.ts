import { readFileSync } from "node:fs";
import type { Hex } from "@testudo/core/model/Hex";
import type { Abi } from "viem";
import { toFunctionSelector, toFunctionSignature } from "viem/utils";
import { z } from "zod";

// Functions that pauses usually name. A selector is four bytes, so that a name is a hint and the ABI the proof.
const common = [
  "withdraw()",
  "withdraw(uint256)",
  "withdraw(address,uint256)",
  "withdraw(uint256,address,address)",
  "withdraw(address,uint256,address)",
  "withdrawAll()",
  "withdrawAll(address)",
  "withdrawTo(address,uint256)",
  "redeem(uint256)",
  "redeem(uint256,address,address)",
  "borrow(uint256)",
  "borrow(address,uint256,uint256,uint16,address)",
  "deposit()",
  "deposit(uint256)",
  "deposit(uint256,address)",
  "deposit(address,uint256)",
  "mint(uint256)",
  "mint(uint256,address)",
  "mint(address,uint256)",
  "transfer(address,uint256)",
  "transferFrom(address,address,uint256)",
  "approve(address,uint256)",
  "liquidate(address)",
  "liquidate(address,address)",
  "repay(uint256)",
  "openPosition((address,bool,bool,uint256,uint256,uint160,uint256,bytes32))",
  "openPosition((address,bool,bool,uint256,uint256,uint160,uint256,bytes32),address)",
  "closePosition((address,uint160,uint256,uint256,bytes32))",
  "addLiquidity((address,uint256,uint256,int24,int24,uint256,uint256,bool,uint256))",
  "removeLiquidity((address,int24,int24,uint128,uint256,uint256,uint256))",
  "swap(address,address,uint256,uint256,address,address)",
  "flashLoan(address,address,uint256,bytes)",
] as const;

/** Finds the signatures that a selector can stand for: those of the ABI files, else those of a short list. */
export function openSelectorNames(abiFiles: readonly string[]): (selector: Hex) => readonly string[] {
  const own = abiFiles.flatMap(signaturesIn);
  const find = (signatures: readonly string[], selector: Hex) => [
    ...new Set(signatures.filter((signature) => toFunctionSelector(signature) === selector)),
  ];
  return (selector) => {
    const named = find(own, selector);
    return named.length > 0 ? named : find(common, selector);
  };
}

const abiItem = z.looseObject({ type: z.string() });
const abiFile = z.union([z.array(abiItem), z.looseObject({ abi: z.array(abiItem) })]);

function signaturesIn(path: string): readonly string[] {
  try {
    const parsed = abiFile.parse(JSON.parse(readFileSync(path, "utf8")));
    const abi = (Array.isArray(parsed) ? parsed : parsed.abi) as unknown as Abi;
    return abi.flatMap((item) => (item.type === "function" ? toFunctionSignature(item) : []));
  } catch (cause) {
    throw new AbiUnreadable(path, cause);
  }
}

/** A file is no ABI. */
export class AbiUnreadable extends Error {
  override readonly name = "AbiUnreadable";
  constructor(path: string, cause: unknown) {
    super(
      `ABI file "${path}" cannot be read.\n- Allowed: a JSON list of ABI items, or an object with \`abi\`.\n- Give the compiler's output with --abi, or leave it out.`,
      { cause },
    );
  }
}
