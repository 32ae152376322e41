// Reads everything that a deployment promised, at one block.
import type { Endpoint, RpcCall } from "@testudo/chain/rpc/rpcEndpoint";
import { canonicalJson } from "@testudo/core/model/canonicalJson";
import type { Hex } from "@testudo/core/model/Hex";
import { decodeEventLog, decodeFunctionResult, encodeFunctionData, toEventSelector, toHex } from "viem/utils";
import type { CallExpectation, DecodedLog, Expectation, LogExpectation } from "./DeployModule.ts";

/** One comparison of the chain with the file, for people and machines. */
export interface Row {
  readonly module: string;
  readonly field: string;
  readonly expected: string;
  readonly found: string;
  readonly isAsExpected: boolean;
}

/** The block at which is read, and the first in which something of the deployment can stand. */
export interface ReadAt {
  readonly blockHash: Hex;
  readonly blockNumber: bigint;
  readonly fromBlock: bigint;
}

/** Compares what `expectations` say with the chain. Throws what the node throws; a call that reverts is a finding. */
export async function compare(
  endpoint: Endpoint,
  expectations: readonly Expectation[],
  at: ReadAt,
): Promise<readonly Row[]> {
  const calls = expectations.filter((item) => item.kind === "call");
  const answers = await endpoint.batch(calls.map((item) => toCall(item, at)));
  const found = new Map<Expectation, unknown>();
  calls.forEach((item, i) => {
    const answer = answers[i]!;
    found.set(item, answer.ok ? decoded(item, answer.result as Hex) : `nothing: ${answer.error.said}`);
  });
  const lists = expectations.filter((item) => item.kind === "logs");
  const logs = await logsOf(endpoint, lists, at);
  for (const item of lists) found.set(item, item.sum(decodedLogs(item, logs)));
  return expectations.map((item) => toRow(item, found.get(item)));
}

function toRow({ module, field, expected }: Expectation, found: unknown): Row {
  const [a, b] = [textOf(expected), textOf(found)];
  return { module, field, expected: a, found: b, isAsExpected: a === b };
}

function toCall(item: CallExpectation, { blockHash }: ReadAt): RpcCall {
  const data = encodeFunctionData({ abi: item.abi, functionName: item.functionName, args: item.args ?? [] });
  return { method: "eth_call", params: [{ to: item.to, data }, { blockHash }] };
}

function decoded({ abi, functionName, pick }: CallExpectation, data: Hex): unknown {
  try {
    const answer = decodeFunctionResult({ abi, functionName, data });
    return pick === undefined ? answer : pick(answer as never);
  } catch {
    // No code, or a contract of another kind.
    return `nothing that ${functionName} can answer`;
  }
}

// One question for all lists: where a node allows few blocks at a time, each question is many.
async function logsOf(
  endpoint: Endpoint,
  lists: readonly LogExpectation[],
  { fromBlock, blockNumber }: ReadAt,
): Promise<readonly RawLog[]> {
  if (lists.length === 0) return [];
  const address = [...new Set(lists.map((item) => item.address))];
  const topics = [...new Set(lists.flatMap(topicsOf))];
  return getLogs(endpoint, { address, topics: [topics] }, fromBlock, blockNumber);
}

function topicsOf({ abi, events }: LogExpectation): readonly Hex[] {
  const named = abi.filter((entry) => entry.type === "event" && events.includes(entry.name));
  return named.map((event) => toEventSelector(event as never));
}

function decodedLogs(item: LogExpectation, logs: readonly RawLog[]): readonly DecodedLog[] {
  const topics = topicsOf(item);
  const own = logs.filter(
    ({ address, topics: [topic] }) => textOf(address) === item.address && topics.includes(topic!),
  );
  return own.map((log) => {
    const { eventName, args } = decodeEventLog({ abi: item.abi, data: log.data, topics: log.topics as [Hex] });
    return { event: eventName ?? "", args: (args ?? {}) as unknown as DecodedLog["args"] };
  });
}

/** A log as a node tells it. */
export interface RawLog {
  readonly address: Hex;
  readonly data: Hex;
  readonly topics: readonly Hex[];
}

/** Which logs are asked for; topics by their place, any of each. */
export interface LogFilter {
  readonly address: readonly Hex[];
  readonly topics: readonly (readonly Hex[])[];
}

/** The logs of a range. Nodes bound it in different ways: what one refuses is asked in halves. */
export async function getLogs(
  endpoint: Endpoint,
  filter: LogFilter,
  from: bigint,
  to: bigint,
): Promise<readonly RawLog[]> {
  const range = { fromBlock: toHex(from), toBlock: toHex(to) };
  const [answer] = await endpoint.batch([{ method: "eth_getLogs", params: [{ ...filter, ...range }] }]);
  if (answer!.ok) return answer!.result as readonly RawLog[];
  if (from >= to) throw answer!.error;
  const middle = (from + to) / 2n;
  return [...(await getLogs(endpoint, filter, from, middle)), ...(await getLogs(endpoint, filter, middle + 1n, to))];
}

/** `value` as text in which the same things read the same: hexadecimal in lower case, numbers of any type in decimal. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? lower(value) : canonicalJson(plain(value)).replaceAll('"', "");
}

function plain(value: unknown): unknown {
  if (typeof value === "string") return lower(value);
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  return value;
}

function lower(text: string): string {
  return /^0x[0-9a-fA-F]*$/.test(text) ? text.toLowerCase() : text;
}
