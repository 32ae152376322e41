// A switch that stands on the chain: a view without arguments, which anybody may look at and only its owners may turn.
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { HaltFlag } from "@testudo/core/model/Policy";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { toBigint } from "../wire/parseField.ts";

/** `unread`: too few nodes said that it is off, and none that it is on. `not`: who said that it is off all the same. */
export type FlagReading =
  | { readonly state: "off" }
  | { readonly state: "on"; readonly by: string; readonly not: readonly string[] }
  | { readonly state: "unread"; readonly why: string };

export interface FlagOptions {
  /** How many nodes have to say that it is off: so many, and more than half of all. */
  readonly quorum: number;
  /** The newest block that was judged. Who has not got it yet cannot know that the flag is off. Default: any block will do. */
  readonly least?: bigint;
  /** For one node, in milliseconds. Default 800: sending has to stop within a second. */
  readonly timeoutMs?: number;
}

/**
 * The newest state of `flag`, by all of `endpoints`. One that says that it is on is enough, so that a node which lies can turn it on,
 * and not off, also where it has those beside it that are behind, or the others are kept away. A contract that is not there, or answers otherwise than with one word, has said nothing. Never rejects.
 */
export async function readFlag(
  endpoints: readonly Endpoint[],
  flag: HaltFlag,
  { quorum, least = 0n, timeoutMs = 800 }: FlagOptions,
): Promise<FlagReading> {
  const asked = endpoints.map(async (endpoint) => {
    const { height, word } = await wordOf(endpoint, flag, timeoutMs);
    if (word === 0n && height < least) throw new Error(`it is at block ${height}, behind ${least}`);
    return { label: endpoint.label, isOn: word !== 0n };
  });
  const answers = await Promise.allSettled(asked);
  const told = answers.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const on = told.find(({ isOn }) => isOn);
  const not = told.flatMap(({ label, isOn }) => (isOn ? [] : [label]));
  if (on !== undefined) return { state: "on", by: on.label, not };
  const needed = Math.max(quorum, Math.floor(endpoints.length / 2) + 1);
  if (told.length >= needed) return { state: "off" };
  const failed = answers.findIndex(({ status }) => status === "rejected");
  const reason: unknown = (answers[failed] as PromiseRejectedResult | undefined)?.reason;
  const why = `${told.length} of ${endpoints.length} nodes say that it is off, ${needed} have to`;
  return {
    state: "unread",
    why: failed === -1 ? `${why}.` : `${why}; ${endpoints[failed]!.label}: ${firstLineOf(reason)}`,
  };
}

async function wordOf(endpoint: Endpoint, { contract, selector }: HaltFlag, timeoutMs: number) {
  const [height, answer] = await endpoint.batch(
    [
      // Asked first, so that the word is of this block or a later one.
      { method: "eth_blockNumber", params: [] },
      { method: "eth_call", params: [{ to: contract, data: selector }, "latest"] },
    ],
    { timeoutMs, maxBytes: 64 * 1024 },
  );
  if (!height!.ok) throw height!.error;
  if (!answer!.ok) throw answer!.error;
  const word = answer!.result;
  if (typeof word !== "string" || !/^0x[0-9a-f]{64}$/i.test(word)) throw new Error("it answers no word");
  const source = { method: "eth_blockNumber", endpoint: endpoint.label };
  return { height: toBigint(source, "result", height!.result), word: BigInt(word) };
}
