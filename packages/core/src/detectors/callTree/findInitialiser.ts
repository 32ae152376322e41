import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Visit } from "../../model/CallTree.ts";
import type { Hex } from "../../model/Hex.ts";
import { everyday } from "./findRepetition.ts";
import type { Sign } from "./Sign.ts";
import { isCreation, type Story } from "./Story.ts";

const names = ["initialize", "init", "initWallet", "initialise"];
const innerWeight = 1.5;
const mostArguments = 4;
// A transaction of the attacker's choice may show any number of selectors; a hash costs some microseconds.
const mostHashes = 600;
const fewHashes = 150;

/**
 * Initialiser (weight 3, 1.5 through a contract): the actors call an initialiser of a contract that stands already, and
 * that passes the call on to its code as it came, as a proxy does.
 *
 * A function is an initialiser if its selector is that of `initialize`, `init`, `initWallet` or `initialise` with any
 * argument types that the calldata fits: no list of selectors. A contract that is created and initialised in two
 * transactions does the same, which is why a first initialisation belongs into the creation.
 * Source: Parity (2017), DAO Maker (2021). Evasion: another name; a contract that is no proxy; more than four arguments.
 */
export function findInitialiser({ visits: [root] }: Story): Sign | undefined {
  if (root === undefined || root.reverted || isCreation(root) || !isProxied(root)) return undefined;
  if (everyday.has(root.selector) || !isInitialiser(root.frame.input)) return undefined;
  return { name: "initialiser", weight: 3, victims: [root.context], count: 1 };
}

/** The same through the actors' contract: each selector is tried once, and few are. */
export function findInnerInitialiser({ direct, made }: Story): Sign | undefined {
  const seen = new Set<string>();
  const hashes = { left: fewHashes };
  for (const visit of direct) {
    const name = visit.selector;
    if (visit.reverted || seen.has(name) || everyday.has(name) || made.has(visit.context) || !isProxied(visit))
      continue;
    seen.add(name);
    if (!isInitialiser(visit.frame.input, hashes)) continue;
    return { name: "initialiser", weight: innerWeight, victims: [visit.context], count: 1 };
  }
  return undefined;
}

function isProxied({ frame }: Visit): boolean {
  const code = frame.calls[0];
  return code?.type === "DELEGATECALL" && code.input === frame.input && frame.input.length >= 10;
}

/** Whether the selector of `input` is that of an initialiser with argument types that its words can be. */
export function isInitialiser(input: Hex, hashes = { left: mostHashes }): boolean {
  const wanted = input.slice(2, 10);
  const words = input.slice(10).match(/.{64}/g) ?? [];
  const heads = words.slice(0, headsOf(words));
  if (heads.length > mostArguments) return false;
  let lists: string[] = [""];
  for (const word of heads) lists = lists.flatMap((list) => typesOf(word, words.length).map((t) => `${list},${t}`));
  for (const list of lists)
    for (const name of names) {
      if (hashes.left <= 0) return false;
      hashes.left -= 1;
      if (selectorOfText(`${name}(${list.slice(1)})`) === wanted) return true;
    }
  return false;
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
  if (value === 0n || (value >> 160n === 0n && value >> 96n !== 0n)) types.push("address");
  if (value <= 1n) types.push("bool");
  if (value < 256n) types.push("uint8");
  if (value % 32n === 0n && value > 0n && value / 32n < BigInt(count))
    types.push("string", "bytes", "address[]", "uint256[]");
  if (value >> 160n !== 0n) types.push("bytes32");
  return types;
}

// The texts are those that can be made of the names and types above, 30,000 at most.
const hashed = new Map<string, string>();
// One for all: making it takes longer than the encoding.
const encoder = new TextEncoder();

function selectorOfText(text: string): string {
  let known = hashed.get(text);
  if (known === undefined) {
    known = bytesToHex(keccak_256(encoder.encode(text)).slice(0, 4));
    hashed.set(text, known);
  }
  return known;
}
