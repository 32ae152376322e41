import type { Hex } from "@testudo/core/model/Hex";
import type { Abi } from "viem";
import { decodeErrorResult } from "viem/utils";

/** The error of `abi` that a call gave back, with its arguments; its bytes, of which 500 characters, where it is none of them. */
export function errorIn(output: Hex, abi: Abi): string {
  try {
    const { errorName, args } = decodeErrorResult({ abi, data: output });
    return `${errorName}(${args?.join(", ") ?? ""})`;
  } catch {
    return `it reverted with ${output.slice(0, 500)}`;
  }
}
