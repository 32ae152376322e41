// Call data of `Puppet.play`, written by hand: a search writes thousands a second, and a general coder would take most of its time.
import { puppet } from "@testudo/contracts";
import { toFunctionSelector } from "viem/utils";
import { fromHex, toWordBytes } from "../record/bytes.ts";
import type { CallMove, Leaf } from "./Plan.ts";

const play = fromHex(toFunctionSelector(puppet.abi.find((item) => item.type === "function" && item.name === "play")!));
const word = 32;
const stepHead = 6 * word;
const fillHead = 7 * word;

/** Call data that plays `moves`; with `must` the first that fails fails all. */
export function encodePlay(moves: readonly CallMove[], must: boolean): Uint8Array {
  const steps = encodeSteps(moves, must);
  return join([play, steps]);
}

/** `abi.encode(Step[])`. */
function encodeSteps(moves: readonly CallMove[], must: boolean): Uint8Array {
  return join([
    number(word),
    list(
      moves,
      moves.map((move) => step(move, moves, must)),
    ),
  ]);
}

/** Length, where each item begins, and the items. */
function list(items: readonly unknown[], parts: readonly Uint8Array[]): Uint8Array {
  const heads: Uint8Array[] = [];
  let at = items.length * word;
  for (const part of parts) {
    heads.push(number(at));
    at += part.length;
  }
  return join([number(items.length), ...heads, ...parts]);
}

// Most moves of a plan were in the plan that it was made of.
const encoded = { must: new WeakMap<CallMove, Uint8Array>(), may: new WeakMap<CallMove, Uint8Array>() };

function step(move: CallMove, siblings: readonly CallMove[], must: boolean): Uint8Array {
  const known = encoded[must ? "must" : "may"];
  const before = known.get(move);
  if (before !== undefined) return before;
  const bytes = encodeStep(move, siblings, must);
  // What an earlier move answers stands where that one stands.
  if (!dependsOnOthers(move)) known.set(move, bytes);
  return bytes;
}

const dependsOnOthers = ({ leaves, inner }: CallMove): boolean =>
  leaves.some(({ source }) => source?.kind === "earlier") || inner.some(dependsOnOthers);

function encodeStep(move: CallMove, siblings: readonly CallMove[], must: boolean): Uint8Array {
  const data = bytes(move.input);
  const sourced = move.leaves.filter(({ source }) => source !== undefined);
  const fills = list(
    sourced,
    sourced.map((leaf) => fill(leaf, siblings)),
  );
  const inner = bytes(move.inner.length === 0 ? new Uint8Array() : encodeSteps(move.inner, must));
  return join([
    number(BigInt(move.callable.to)),
    number(move.value),
    number(stepHead),
    number(stepHead + data.length),
    number(stepHead + data.length + fills.length),
    number(must ? 1 : 0),
    data,
    fills,
    inner,
  ]);
}

function fill({ place, source }: Leaf, siblings: readonly CallMove[]): Uint8Array {
  const { times, over, word: from } = source!;
  const isView = source!.kind === "view";
  const earlier = isView ? 0 : siblings.findIndex(({ id }) => id === source!.id);
  return join([
    number(place.at),
    number(isView ? BigInt(source!.to) : 0),
    number(fillHead),
    // Whoever answered in another transaction is not there to be asked.
    number(earlier < 0 ? siblings.length : earlier),
    number(from),
    number(BigInt.asUintN(256, times)),
    number(over),
    bytes(isView ? fromHex(source!.question) : new Uint8Array()),
  ]);
}

function bytes(data: Uint8Array): Uint8Array {
  const padded = new Uint8Array(word + Math.ceil(data.length / word) * word);
  padded.set(number(data.length));
  padded.set(data, word);
  return padded;
}

function number(value: number | bigint): Uint8Array {
  const out = new Uint8Array(word);
  if (typeof value === "bigint") return toWordBytes(value);
  for (let i = word - 1; value > 0; i--, value >>>= 8) out[i] = value & 0xff;
  return out;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
