import type { Hex } from "@testudo/core/model/Hex";
import type { TxHeader } from "@testudo/core/model/TxRecord";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { parseHeader } from "../wire/parseHeader.ts";
import { fetchBlockFields } from "./fetchBlockFields.ts";

/** The header of the block `hash`, as transactions see it. Throws `BlockUnknown`, or what the endpoint throws. */
export async function fetchHeader(endpoint: Endpoint, hash: Hex): Promise<TxHeader> {
  const { fields, source } = await fetchBlockFields(endpoint, hash, false);
  return parseHeader(fields, source);
}
