import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Hex } from "../../model/Hex.ts";
import type { Sign } from "./Sign.ts";
import { isCreation, type Story } from "./Story.ts";

const names = ["initialize", "init", "initWallet", "initialise"];
const mostArguments = 5;

/**
 * Initialiser (weight 3, 1.5 through a contract): the actors call an initialiser of a contract that stands already, and
 * that passes the call on to its code as it came, as a proxy does.
 *
 * A function is an initialiser if its selector is that of `initialize`, `init`, `initWallet` or `initialise` with any
 * argument types that the calldata fits: no list of selectors. A contract that is created and initialised in two
 * transactions does the same, which is why a first initialisation belongs into the creation.
 * Source: Parity (2017), DAO Maker (2021). Evasion: another name; a contract that is no proxy.
 */
export function findInitialiser(story: Story): Sign | undefined {
  const inside = story.direct.filter(
    ({ frame, context }) =>
      frame.calls[0]?.type === "DELEGATECALL" && !story.made.has(context) && isInitialiser(frame.input),
  );
  if (inside.length > 0)
    return { name: "initialiser", weight: 1.5, victims: inside.map((v) => v.context), count: inside.length };
  const root = story.visits[0]!;
  const code = story.visits[1];
  if (root.reverted || isCreation(root) || code === undefined || root.frame.input.length < 10) return undefined;
  if (code.frame.type !== "DELEGATECALL" || code.frame.input !== root.frame.input) return undefined;
  if (story.made.size > 0 || !isInitialiser(root.frame.input)) return undefined;
  return { name: "initialiser", weight: 3, victims: [root.context], count: 1 };
}

/** Whether the selector of `input` is that of an initialiser with argument types that its words can be. */
export function isInitialiser(input: Hex): boolean {
  const wanted = input.slice(2, 10);
  const words = input.slice(10).match(/.{64}/g) ?? [];
  const heads = words.slice(0, headsOf(words));
  if (heads.length > mostArguments) return false;
  let lists: string[] = [""];
  for (const word of heads) lists = lists.flatMap((list) => typesOf(word, words.length).map((t) => `${list},${t}`));
  return names.some((name) => lists.some((list) => selectorOfText(`${name}(${list.slice(1)})`) === wanted));
}

/** Arguments of a fixed size stand in place; the first offset of another says where the heads end. */
function headsOf(words: readonly string[]): number {
  for (const word of words.slice(0, mostArguments + 1)) {
    const offset = Number(`0x${word}`);
    if (offset > 0 && offset % 32 === 0 && offset / 32 < words.length && offset / 32 <= mostArguments)
      return offset / 32;
  }
  return words.length;
}

function typesOf(word: string, count: number): string[] {
  const value = BigInt(`0x${word}`);
  const types = ["uint256"];
  if (value >> 160n === 0n) types.push("address");
  if (value <= 1n) types.push("bool");
  if (value < 256n) types.push("uint8");
  if (value % 32n === 0n && value > 0n && value / 32n < BigInt(count))
    types.push("string", "bytes", "address[]", "uint256[]");
  if (value >> 160n !== 0n) types.push("bytes32");
  return types;
}

function selectorOfText(text: string): string {
  return bytesToHex(keccak_256(new TextEncoder().encode(text)).slice(0, 4));
}
