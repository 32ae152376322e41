// Nodes that lie about logs, and what a watch over them took.
import type { Hex } from "@testudo/core/model/Hex";
import { parseReceipts } from "../wire/parseReceipts.ts";
import { describe as tell } from "./collect.testkit.ts";
import type { Shown, watch } from "./disputes.testkit.ts";
import type { FakeChain } from "./fakeChain.testkit.ts";
import type { WireAnswer, WireCall } from "./faultyNode.testkit.ts";

/** Whether the receipts of a block are asked for. */
export const asksReceipts = ({ method }: WireCall) => method === "eth_getBlockReceipts";
/** An object of a node's answer. */
export type Fields = { readonly [field: string]: unknown };

/** `chain` with receipts, and with their root in its headers. */
export function withReceipts(chain: FakeChain): FakeChain {
  const receiptsOf = (hash: unknown) => {
    const ref = chain.blocks.find((block) => block.hash === hash);
    if (ref === undefined) return null;
    const ask = (method: string, ...params: unknown[]) => chain.answer({ id: 1, method, params }).result;
    const logs = ask("eth_getLogs", { blockHash: hash });
    const { logsBloom } = ask("eth_getBlockByHash", hash, false) as { logsBloom: Hex };
    return [{ type: "0x2", status: "0x1", cumulativeGasUsed: "0x5208", logsBloom, logs }];
  };
  const rootOf = (hash: unknown) => parseReceipts(receiptsOf(hash), { method: "test" }).root;
  return {
    ...chain,
    answer(call) {
      if (asksReceipts(call)) return { jsonrpc: "2.0", id: call.id, result: receiptsOf(call.params[0]) };
      const answer = chain.answer(call);
      const block = answer.result as Fields | undefined;
      return block?.logsBloom === undefined
        ? answer
        : { ...answer, result: { ...block, receiptsRoot: rootOf(block.hash) } };
    },
  };
}

/** What `chain` answers with what each log holds exchanged: topics and address, which make the bloom, stay. */
export function falsely(chain: FakeChain): Shown {
  const forge = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(forge);
    if (value === null || typeof value !== "object") return value;
    const { logs, data, ...rest } = value as Fields;
    return {
      ...rest,
      ...(logs === undefined ? {} : { logs: forge(logs) }),
      ...(data === undefined ? {} : { data: "0x02" }),
    };
  };
  const isForged = (call: WireCall) => call.method === "eth_getLogs" || asksReceipts(call);
  return changed(chain, (call, answer) => (isForged(call) ? { ...answer, result: forge(answer.result) } : answer));
}

/** What `chain` answers, as `change` makes it. */
export function changed(
  chain: FakeChain,
  change: (call: WireCall, answer: WireAnswer) => WireAnswer | Promise<WireAnswer>,
): Shown {
  return { blocks: chain.blocks, answer: (call) => change(call, chain.answer(call)) };
}

type Watched = Pick<Awaited<ReturnType<typeof watch>>, "recording">;
/** What the logs of the watched blocks from `from` on hold. */
export const dataOf = ({ recording }: Watched, from: bigint) =>
  recording.events.flatMap((event) =>
    event.kind === "block" && event.bundle.ref.number >= from ? event.bundle.logs.map(({ data }) => data) : [],
  );
/** Waits for the newest block of `chain`. */
export const untilHead = async ({ recording }: Watched, chain: FakeChain) =>
  recording.until(({ known }) => known.at(-1)?.hash === chain.blocks.at(-1)?.hash);
/** The troubles that were told. */
export const toldBy = ({ recording }: Watched) => recording.troubles.map(tell);
