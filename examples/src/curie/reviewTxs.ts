import type { Hex } from "viem";
import { type Call, type ChainSession, readReceipts, rpc } from "./ChainSession.ts";

/** A transaction that was sent in a slot. */
export type SentTx = { readonly hash: Hex; readonly role: "benign" | "attack"; readonly label: string };

/**
 * What became of it. `blocked`: refused by something in front of Curie, as Curie itself refuses with a reason string;
 * `failed`: Curie's own refusal; `pending`: in no block yet.
 */
export type Outcome = "success" | "blocked" | "failed" | "pending";

/** A sent transaction with its outcome. */
export type ReviewedTx = SentTx & { readonly slot: number; readonly outcome: Outcome; readonly reason?: string };

export type SlotTx = SentTx & { readonly slot: number; readonly call: Call };

const errorString = "0x08c379a0"; // Error(string), the only way in which Curie refuses

/** Looks up the outcome of every transaction, in order. */
export async function reviewTxs(session: ChainSession, sent: readonly SlotTx[]): Promise<ReviewedTx[]> {
  const receipts = await readReceipts(
    session,
    sent.map((tx) => tx.hash),
  );
  const reviewed: ReviewedTx[] = [];
  for (const [i, { call, ...tx }] of sent.entries()) {
    const receipt = receipts[i];
    if (!receipt) reviewed.push({ ...tx, outcome: "pending" });
    else if (receipt.status === "0x1") reviewed.push({ ...tx, outcome: "success" });
    else reviewed.push({ ...tx, ...(await explainRevert(session, tx.hash, call)) });
  }
  return reviewed;
}

/**
 * Whether Curie itself would refuse `call` on the newest block. A wallet simulates before it sends, so honest users never
 * send such a call; what a gate in front of Curie refuses they do send, to find out that it is paused.
 */
export async function isRefusedByCurie(session: ChainSession, { from, to, data }: Call): Promise<boolean> {
  try {
    await rpc(session.client, "eth_call", [{ from: from.address, to, data }, "latest"]);
    return false;
  } catch (error) {
    return revertData(error)?.startsWith(errorString) ?? true;
  }
}

// viem wraps the node's answer in several errors; the innermost that has data is the node's.
function revertData(error: unknown): string | undefined {
  for (let e = error as { cause?: unknown; data?: unknown } | undefined; e; e = e.cause as typeof e)
    if (typeof e.data === "string") return e.data;
  return undefined;
}

async function explainRevert(
  session: ChainSession,
  hash: Hex,
  call: Call,
): Promise<{ outcome: Outcome; reason: string }> {
  const options = { tracer: "callTracer", tracerConfig: { onlyTopCall: true } };
  const trace = await rpc<{ output?: Hex; error?: string }>(session.client, "debug_traceTransaction", [hash, options]);
  const output = trace.output ?? "0x";
  if (output === "0x")
    return { outcome: "failed", reason: `${trace.error ?? "no reason"} (${call.data.slice(0, 10)})` };
  if (!output.startsWith(errorString)) return { outcome: "blocked", reason: output.slice(0, 10) };
  const text = Buffer.from(output.slice(2 + 8 + 128), "hex")
    .toString("utf8")
    .replaceAll("\0", "");
  return { outcome: "failed", reason: text };
}
