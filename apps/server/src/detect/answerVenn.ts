import { randomUUID } from "node:crypto";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { judgeTx } from "@testudo/core/pipeline/judgeTx";
import { failureOf } from "./failureOf.ts";
import { parseTree } from "./parseTraceText.ts";
import type { VennRequest, VennResponse } from "./vennRequest.ts";

// As many as the largest request has room for; they hold a thread for a second or two.
const mostCalls = 50_000;

/**
 * Judges the transaction of `request` for its `protocolAddress`, or without one for everybody but the actors. Keeps
 * nothing. Throws TraceFault where the trace is none.
 */
export async function answerVenn(request: VennRequest): Promise<VennResponse> {
  const { id, chainId, hash, protocolAddress, protocolName, additionalData } = request;
  const trace = parseTree(request.trace, mostCalls);
  const protect = protocolAddress == null ? [] : [toLower(protocolAddress) as Address];
  const { detected, severity, findings, notJudged, failed } = await judgeTx(
    { trace, chainId, hash: toLower(hash) as Hex },
    { protect },
  );
  return {
    requestId: id ?? randomUUID(),
    chainId,
    detected,
    ...(failed.length === 0 ? {} : { error: failureOf(failed) }),
    ...(detected ? { message: findings[0]!.reason } : {}),
    ...(protocolAddress == null ? {} : { protocolAddress }),
    ...(protocolName == null ? {} : { protocolName }),
    additionalData: { ...additionalData, severity, findings, notJudged },
  };
}
