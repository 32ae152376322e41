// A switch that stands on the chain: a view without arguments, which anybody may look at and only its owners may turn.
import type { HaltFlag } from "@testudo/core/model/Policy";
import type { Endpoint } from "./rpcEndpoint.ts";

/** `unread`: too few nodes said that it is off, and none that it is on. */
export type FlagReading =
  | { readonly state: "off" }
  | { readonly state: "on"; readonly by: string }
  | { readonly state: "unread"; readonly why: string };

export interface FlagOptions {
  /** How many nodes have to say that it is off. */
  readonly quorum: number;
  /** For one node, in milliseconds. Default 800: sending has to stop within a second. */
  readonly timeoutMs?: number;
}

/**
 * The newest state of `flag`, by all of `endpoints`. One that says that it is on is enough, so that a node which lies can turn it on
 * and not off. A contract that is not there, or answers otherwise than with one word, has said nothing. Never rejects.
 */
export async function readFlag(
  endpoints: readonly Endpoint[],
  flag: HaltFlag,
  { quorum, timeoutMs = 800 }: FlagOptions,
): Promise<FlagReading> {
  const call = { to: flag.contract, data: flag.selector };
  const asked = endpoints.map(async ({ label, request }) => {
    const answer = await request("eth_call", [call, "latest"], { timeoutMs });
    if (typeof answer !== "string" || !/^0x[0-9a-f]{64}$/i.test(answer)) throw new Error("it answers no word");
    return { label, isOn: BigInt(answer) !== 0n };
  });
  const answers = await Promise.allSettled(asked);
  const told = answers.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const on = told.find(({ isOn }) => isOn);
  if (on !== undefined) return { state: "on", by: on.label };
  if (told.length >= quorum) return { state: "off" };
  const failed = answers.findIndex(({ status }) => status === "rejected");
  const reason: unknown = (answers[failed] as PromiseRejectedResult | undefined)?.reason;
  const text = reason instanceof Error ? reason.message.split("\n")[0] : String(reason);
  const why = `${told.length} of ${endpoints.length} nodes say that it is off, ${quorum} have to`;
  return { state: "unread", why: failed === -1 ? `${why}.` : `${why}; ${endpoints[failed]!.label}: ${text}` };
}
