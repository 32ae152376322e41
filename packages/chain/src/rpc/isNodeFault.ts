import { BlockUnknown } from "./BlockUnknown.ts";
import { RpcMalformed, RpcRefused, RpcUnreachable } from "./RpcError.ts";

const kinds = [RpcUnreachable, RpcRefused, RpcMalformed, BlockUnknown];

/** Whether `error` is what a node did or does not have: another may be asked. Anything else is a fault of ours. */
export function isNodeFault(error: unknown): boolean {
  return kinds.some((kind) => error instanceof kind);
}
