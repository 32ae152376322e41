import type { Hex } from "@testudo/core/model/Hex";
import { z } from "zod";
import { redactUrlsIn } from "../rpc/redactUrl.ts";

/** The block that a socket says is new. It is hearsay: nothing of it may reach an event. */
export interface HeadHint {
  readonly number: bigint;
  readonly hash: Hex;
}

/** What a node says on a socket after `eth_subscribe` was asked under the id 1. */
export type HeadMessage =
  | { readonly kind: "subscribed"; readonly subscription: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "hint"; readonly subscription: string; readonly hint: HeadHint };

const subscription = z.string().min(1).max(100);
const envelope = z.union([
  z.object({ id: z.literal(1), error: z.object({ code: z.number(), message: z.string() }) }),
  z.object({ id: z.literal(1), result: subscription }),
  z.object({
    method: z.literal("eth_subscription"),
    params: z.object({
      subscription,
      result: z.object({
        hash: z.string().regex(/^0x[0-9a-f]{64}$/i),
        number: z.string().regex(/^0x[0-9a-f]{1,16}$/i),
      }),
    }),
  }),
]);

/** Reads one message; undefined where it is none of those that a node may send here. */
export function parseHeadMessage(text: string): HeadMessage | undefined {
  const { data } = envelope.safeParse(jsonOf(text));
  if (data === undefined) return undefined;
  if ("error" in data) {
    // Quoted as JSON, so that it cannot steer the terminal that it is shown on.
    const said = JSON.stringify(redactUrlsIn(data.error.message).slice(0, 200));
    return { kind: "refused", reason: `eth_subscribe was refused with ${data.error.code} ${said}` };
  }
  if ("result" in data) return { kind: "subscribed", subscription: data.result };
  const { hash, number } = data.params.result;
  return {
    kind: "hint",
    subscription: data.params.subscription,
    hint: { number: BigInt(number), hash: hash.toLowerCase() as Hex },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
