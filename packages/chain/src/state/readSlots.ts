// A node takes about as long for a question about one word of storage as for one about many, and some charge by the
// question. One `eth_call` reads them all: for that call the code of each contract is replaced by one that tells words of its
// own storage, which stays what it is. Instructions of 2017, so that blocks of nearly any age can run it.
import { type Address, type Hex, toWord } from "@testudo/core/model/Hex";
import type { RpcAnswer, RpcCall } from "../rpc/rpcEndpoint.ts";

/** A word of storage. */
export interface SlotPlace {
  readonly address: Address;
  readonly slot: Hex;
}

// calldataload(0), sload, return.
const tellWord: Hex = "0x6000355460005260206000f3";
// For each (address, slot) of the call data: static call of the address with the slot; returns the words in that order.
// Reverts where an address answers otherwise than with one word.
const tellAll: Hex =
  "0x60005b80361460365780602001356000526020600282046020016020600084355afa3d60201416602f5760006000fd5b6040016002565b600290046020f3";

// No code stands there and nobody has its key: a node that does not replace code answers with nothing, and no contract
// can answer in its place.
const teller: Address = `0x${Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString("hex")}`;

/** The call that reads `places` of `block` at once. */
export function slotsCall(places: readonly SlotPlace[], block: unknown): RpcCall {
  const data = places.map(({ address, slot }) => toWord(address) + toWord(slot)).join("");
  const told = places.map(({ address }) => [address, { code: tellWord }] as const);
  const codes = Object.fromEntries([...told, [teller, { code: tellAll }]]);
  return { method: "eth_call", params: [{ to: teller, data: `0x${data}` }, block, codes] };
}

/** The words that answer `slotsCall` for `count` places; undefined where the node did not do what was asked. */
export function wordsOf(answer: RpcAnswer, count: number): readonly Hex[] | undefined {
  if (!answer.ok || typeof answer.result !== "string") return undefined;
  const { result } = answer;
  if (result.length !== 2 + count * 64 || !/^0x[0-9a-f]*$/i.test(result)) return undefined;
  return Array.from({ length: count }, (_, i): Hex => `0x${result.slice(2 + i * 64, 66 + i * 64).toLowerCase()}`);
}
