// What can be learned of an address from the chain alone, before the watch begins (ASSET-06, ASSET-07).

import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { toBytes } from "@testudo/chain/wire/parseField";
import { type Address, addressOfWord, type Hex, toLower, toWord } from "@testudo/core/model/Hex";
import { formatUnits } from "viem/utils";
import { z } from "zod";
import { escapeLine } from "../deliver/escapeText.ts";

/** An amount in smallest units. Symbol and decimals are what the token says of itself. */
export interface Holding {
  readonly asset: string;
  readonly amount: bigint;
  readonly symbol?: string;
  readonly decimals?: number;
}

/** What was found about one address. */
export interface Survey {
  readonly address: Address;
  readonly codeBytes: number;
  /** The code behind an ERC-1967 proxy or an ERC-1167 clone. */
  readonly implementation?: Address;
  readonly owner?: Address;
  /** Tokens that came in within the history and of which something is still held, with the amount in smallest units. */
  readonly holds: readonly Holding[];
  /** False where the node refused to list transfers of the history, so that what it holds is not known yet. */
  readonly listed: boolean;
  /** Contracts of the same owner among those it dealt with: proposed, never added (ASSET-07). */
  readonly siblings: readonly Address[];
}

const implementationSlot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
const transferTopic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
const ownerCall = "0x8da5cb5b";
const balanceOf = "0x70a08231";
const clone = /^0x363d3d373d3d3d363d73([0-9a-f]{40})5af43d82803e903d91602b57fd5bf3/;
const symbolCall = "0x95d89b41";
const decimalsCall = "0x313ce567";
const mostTokens = 64;
const mostCounterparties = 64;

const logSchema = z.array(
  z.object({
    address: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
    topics: z.array(z.string().regex(/^0x[0-9a-fA-F]{64}$/)),
  }),
);

/**
 * Looks at `address` at the head, and at what came to it since `fromBlock`. Throws NoContract where there is no code, and what the
 * endpoint throws where it does not tell.
 */
export async function surveyAddress(endpoint: Endpoint, address: Address, fromBlock: bigint): Promise<Survey> {
  const code = await codeOf(endpoint, address);
  if (code === "0x") throw new NoContract(address);
  const [slot, native, ownerWord] = await ask(endpoint, [
    ["eth_getStorageAt", [address, implementationSlot, "latest"]],
    ["eth_getBalance", [address, "latest"]],
    ["eth_call", [{ to: address, data: ownerCall }, "latest"]],
  ]);
  const implementation = implementationOf(code, slot);
  const owner = addressIn(ownerWord);
  const { moved, listed } = await transfersOf(endpoint, address, fromBlock);
  const tokens = [...new Set(moved.map((log) => toLower(log.address)))].slice(0, mostTokens);
  const holds = [
    ...(quantityIn(native) > 0n ? [{ asset: "native", amount: quantityIn(native), decimals: 18 }] : []),
    ...(await holdingsOf(endpoint, address, tokens)),
  ];
  const parties = [
    ...new Set(moved.flatMap(({ topics }) => topics.slice(1, 3).map((topic) => addressOfWord(topic as Hex)))),
  ];
  const siblings =
    owner === undefined
      ? []
      : await ownedBy(endpoint, owner, parties.filter((p) => p !== address).slice(0, mostCounterparties));
  return {
    address,
    codeBytes: (code.length - 2) / 2,
    ...(implementation ? { implementation } : {}),
    ...(owner ? { owner } : {}),
    holds,
    listed,
    siblings,
  };
}

/** The lines that tell a person what was found. */
export function surveyLines({
  address,
  codeBytes,
  implementation,
  owner,
  holds,
  listed,
  siblings,
}: Survey): readonly string[] {
  const held = holds.map((holding) => `    ${holdingLine(holding)}`);
  const unknown = listed
    ? "  holds nothing that transfers in the history show"
    : "  holds: not known, the node refused to list transfers; it is read block by block";
  return [
    `Protects ${address}, ${codeBytes} bytes of code`,
    ...(implementation ? [`  a proxy of ${implementation}`] : []),
    ...(owner ? [`  owned by ${owner}`] : []),
    ...(held.length === 0 ? [unknown] : ["  holds", ...held]),
    ...(siblings.length === 0
      ? []
      : [
          "  of the same owner, add them to --protect if they are yours:",
          ...siblings.map((sibling) => `    ${sibling}`),
        ]),
  ];
}

function holdingLine({ asset, amount, symbol, decimals }: Holding): string {
  const name = asset === "native" ? "of the chain's own coin" : `${symbol ?? "of a token without symbol"} (${asset})`;
  return decimals === undefined ? `${amount} smallest units ${name}` : `${formatUnits(amount, decimals)} ${name}`;
}

async function holdingsOf(endpoint: Endpoint, holder: Address, tokens: readonly Address[]): Promise<Holding[]> {
  const questions = [`${balanceOf}${toWord(holder)}`, symbolCall, decimalsCall];
  const answers = await ask(
    endpoint,
    tokens.flatMap((to) => questions.map((data) => ["eth_call", [{ to, data }, "latest"]] as const)),
  );
  return tokens.flatMap((asset, i) => {
    const [balance, symbol, decimals] = answers.slice(i * questions.length);
    const amount = amountIn(balance);
    const places = amountIn(decimals);
    const told = symbolIn(symbol);
    if (amount === 0n) return [];
    return [
      {
        asset,
        amount,
        ...(told ? { symbol: told } : {}),
        ...(decimals && places <= 36n ? { decimals: Number(places) } : {}),
      },
    ];
  });
}

async function transfersOf(endpoint: Endpoint, address: Address, fromBlock: bigint) {
  const word = `0x${toWord(address)}`;
  const range = { fromBlock: `0x${fromBlock.toString(16)}`, toBlock: "latest" };
  const found = await endpoint.batch([
    { method: "eth_getLogs", params: [{ ...range, topics: [transferTopic, null, word] }] },
    { method: "eth_getLogs", params: [{ ...range, topics: [transferTopic, word] }] },
  ]);
  // A node that refuses the range, or answers something else, tells us less; the watch itself does not depend on it.
  const lists = found.map((answer) => (answer.ok ? logSchema.safeParse(answer.result).data : undefined));
  return { moved: lists.flatMap((list) => list ?? []), listed: lists.every((list) => list !== undefined) };
}

async function ownedBy(
  endpoint: Endpoint,
  owner: Address,
  candidates: readonly Address[],
): Promise<readonly Address[]> {
  const answers = await ask(
    endpoint,
    candidates.map((to) => ["eth_call", [{ to, data: ownerCall }, "latest"]]),
  );
  return candidates.filter((_, i) => addressIn(answers[i]) === owner);
}

async function codeOf(endpoint: Endpoint, address: Address): Promise<Hex> {
  const source = { method: "eth_getCode", endpoint: endpoint.label };
  return toBytes(source, "result", await endpoint.request("eth_getCode", [address, "latest"]));
}

async function ask(
  endpoint: Endpoint,
  calls: readonly (readonly [string, readonly unknown[]])[],
): Promise<(string | undefined)[]> {
  if (calls.length === 0) return [];
  const answers = await endpoint.batch(calls.map(([method, params]) => ({ method, params })));
  return answers.map((answer) =>
    answer.ok && typeof answer.result === "string" ? answer.result.toLowerCase() : undefined,
  );
}

function implementationOf(code: string, slot: string | undefined): Address | undefined {
  const cloned = clone.exec(code)?.[1];
  return cloned === undefined ? addressIn(slot) : (`0x${cloned}` as Address);
}

function addressIn(word: string | undefined): Address | undefined {
  if (word === undefined || !/^0x0{24}[0-9a-f]{40}$/.test(word) || BigInt(word) === 0n) return undefined;
  return addressOfWord(word as Hex);
}

// A string, or 32 bytes as old tokens have it. What a token says of itself may hold anything (DELIV-04).
function symbolIn(answer: string | undefined): string | undefined {
  if (answer === undefined || !/^0x([0-9a-f]{64})+$/.test(answer)) return undefined;
  const bytes = Buffer.from(answer.slice(2), "hex");
  const length = bytes.length >= 64 ? Number(amountIn(`0x${bytes.toString("hex", 32, 64)}`)) : 0;
  const text =
    bytes.length === 32
      ? bytes.toString("utf8").replace(/\0+$/, "")
      : bytes.toString("utf8", 64, 64 + Math.min(length, 32));
  return text === "" ? undefined : escapeLine(text);
}

function amountIn(word: string | undefined): bigint {
  return word !== undefined && /^0x[0-9a-f]{64}$/.test(word) ? BigInt(word) : 0n;
}

function quantityIn(answer: string | undefined): bigint {
  return answer !== undefined && /^0x[0-9a-f]{1,64}$/.test(answer) ? BigInt(answer) : 0n;
}

/** The address is no contract: there is nothing to protect in the way that this program does. */
export class NoContract extends Error {
  override readonly name = "NoContract";
  constructor(address: Address) {
    super(
      `Address "${address}" is no contract: it has no code at the head.\n- --protect takes contracts.\n- Check the address and the chain of --rpc.`,
    );
  }
}
