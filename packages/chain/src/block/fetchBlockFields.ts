import type { Hex } from "@testudo/core/model/Hex";
import { BlockUnknown } from "../rpc/BlockUnknown.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { type Fields, type Source, toFields, toHash } from "../wire/parseField.ts";
import { blockCall } from "./fetchBundle.ts";

/** The block `hash` as `endpoint` answers it, unread but for its hash. Throws `BlockUnknown`, or what the endpoint throws. */
export async function fetchBlockFields(
  endpoint: Endpoint,
  hash: Hex,
  withTxs: boolean,
): Promise<{ readonly fields: Fields; readonly source: Source }> {
  const { method, params } = blockCall(hash, withTxs);
  const source = { method, endpoint: endpoint.label };
  const answer = await endpoint.request(method, params);
  if (answer === null) throw new BlockUnknown(endpoint.label, hash);
  const fields = toFields(source, "block", answer);
  if (toHash(source, "hash", fields.hash) !== hash) throw new BlockUnknown(endpoint.label, hash);
  return { fields, source };
}
