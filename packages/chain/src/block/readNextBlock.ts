import type { EvmBlock } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { toBigint } from "../wire/parseField.ts";
import { parseHeader } from "../wire/parseHeader.ts";
import { fetchBlockFields } from "./fetchBlockFields.ts";

/**
 * The block that would follow on `parent`, as far as it is known beforehand: its base fee by EIP-1559, its time
 * `secondsLater`, and the rest as it was. Throws `BlockUnknown`, or what the endpoint throws.
 */
export async function readNextBlock(
  endpoint: Endpoint,
  parent: Hex,
  {
    chainId,
    secondsLater,
    hardfork,
  }: { readonly chainId: number; readonly secondsLater: bigint; readonly hardfork?: string },
): Promise<EvmBlock> {
  const { fields, source } = await fetchBlockFields(endpoint, parent, false);
  const { hash: _, parentHash: __, ...header } = parseHeader(fields, source);
  const gasUsed = toBigint(source, "gasUsed", fields.gasUsed);
  return {
    ...header,
    chainId,
    number: header.number + 1n,
    timestamp: header.timestamp + secondsLater,
    baseFeePerGas: nextBaseFee(header.baseFeePerGas, gasUsed, header.gasLimit),
    ...(hardfork === undefined ? {} : { hardfork }),
  };
}

/** The base fee after a block that used `gasUsed` of `gasLimit` (EIP-1559), in wei. */
export function nextBaseFee(base: bigint, gasUsed: bigint, gasLimit: bigint): bigint {
  const target = gasLimit / 2n;
  if (target === 0n || gasUsed === target) return base;
  if (gasUsed < target) return base - (base * (target - gasUsed)) / target / 8n;
  const more = (base * (gasUsed - target)) / target / 8n;
  return base + (more > 0n ? more : 1n);
}
