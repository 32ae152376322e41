import type { Address } from "@testudo/core/model/Hex";
import type { Abi } from "viem";
import type { CallExpectation } from "../DeployModule.ts";

/** Asks a module's `healthy()`. `complaint` is the one that is expected, where there is one. */
export function healthyOf(
  base: { readonly module: string; readonly to: Address; readonly abi: Abi },
  complaint = "",
): CallExpectation {
  return {
    ...base,
    kind: "call",
    field: "healthy",
    functionName: "healthy",
    pick: ([isHealthy, why]: readonly [boolean, string]) => (isHealthy ? "well" : asciiOf(why)),
    expected: complaint === "" ? "well" : complaint,
  };
}

/** The text of a bytes32 that holds a short code. */
export function asciiOf(word: string): string {
  return Buffer.from(word.slice(2), "hex")
    .toString("latin1")
    .replace(/\0+$/, "")
    .replace(/[^\x20-\x7e]/g, "·");
}
