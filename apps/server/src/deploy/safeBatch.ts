import type { Address } from "@testudo/core/model/Hex";
import type { Due } from "./settle.ts";

/** `calls` as a file that the Transaction Builder of a Safe imports: the owners look at it there and sign. */
export function safeBatch(chainId: number, safe: Address, name: string, calls: readonly Due[]): string {
  const batch = {
    version: "1.0",
    chainId: String(chainId),
    createdAt: 0,
    meta: {
      name,
      description: calls.map(({ what }) => what).join("\n"),
      createdFromSafeAddress: safe,
    },
    transactions: calls.map(({ to, data }) => ({
      to,
      value: "0",
      data,
      contractMethod: null,
      contractInputsValues: null,
    })),
  };
  return `${JSON.stringify(batch, null, 2)}\n`;
}
