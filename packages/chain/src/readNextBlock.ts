import type { EvmBlock } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { BlockUnknown } from "./BlockUnknown.ts";
import { blockCall } from "./fetchBundle.ts";
import { toAddress, toBigint, toFields, toHash } from "./parseField.ts";
import type { Endpoint } from "./rpcEndpoint.ts";

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
  const { method, params } = blockCall(parent, false);
  const source = { method, endpoint: endpoint.label };
  const answer = await endpoint.request(method, params);
  if (answer === null) throw new BlockUnknown(endpoint.label, parent);
  const fields = toFields(source, "block", answer);
  const quantity = (field: string) => toBigint(source, field, fields[field]);
  const gasLimit = quantity("gasLimit");
  const base = fields.baseFeePerGas === undefined ? 0n : quantity("baseFeePerGas");
  return {
    chainId,
    number: quantity("number") + 1n,
    timestamp: quantity("timestamp") + secondsLater,
    baseFeePerGas: nextBaseFee(base, quantity("gasUsed"), gasLimit),
    gasLimit,
    coinbase: toAddress(source, "miner", fields.miner),
    prevRandao: toHash(source, "mixHash", fields.mixHash),
    ...(typeof fields.excessBlobGas === "string" ? { excessBlobGas: quantity("excessBlobGas") } : {}),
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
