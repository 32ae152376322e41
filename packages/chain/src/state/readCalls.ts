// Most of the time that a node takes for a call of an old block goes into finding that block's state, and some charge by the
// question. One `eth_call` makes many calls: for it, code is put at the address that calls come from where none is named,
// so that each contract is called by whom it would be called alone. Each call is taken back after its answer is noted, so
// that none sees what another wrote. Two things are left that a contract may notice: that code stands at its caller, and how
// much gas there is. Instructions of 2017, so that blocks of nearly any age can run it.
import { type Address, type Hex, toWord } from "@testudo/core/model/Hex";
import type { RpcAnswer, RpcCall } from "../rpc/rpcEndpoint.ts";

/** A call of a contract. */
export interface PlainCall {
  readonly to: Address;
  readonly data: Hex;
}

/** As many calls share the gas that a node gives to one. */
export const maxTogether = 16;

/** Whom calls come from, named or not. */
export const caller: Address = `0x${"0".repeat(40)}`;

// Longer call data takes gas from the other calls before any is made.
const mostBytes = 1_024;

// Contracts may call that address too: what does not begin with this word finds nothing there. Whoever knows it can have his
// own calls made and taken back.
const mark = "8d3f1c6ab2e94d70a15c83f6e7b20d94c6517fa83e29b04d7f12ce85a936d07b";

// By the first word of the call data: the mark goes on, the mark with its last bit turned is a call by itself and goes to
// `callOne`, anything else finds nothing here.
const sortOut = `600035 7f${mark} 18 80 6001 10 60ef 57 60a9 57`;
// The gas for each: what there is, divided by their number and two.
const share = "6020 35 6002 01 5a 04";
// For each (length, address and data) from byte 64 on: calls itself with it. Notes what it is told, or a word of ones where
// it is told nothing.
const callEach =
  `6040 6000 5b 81 36 11 15 60a5 57 81 35 6001 7f${mark} 18 82 52 80 83 6020 01 83 6020 01 37` +
  "6000 6000 82 6020 01 84 6000 30 89 f1 50 6020 01 82 01 91 50 3d 609a 57 6000 19 81 52 6020 01 603b 56" +
  "5b 3d 6000 82 3e 3d 01 603b 56";
const tellAll = "5b 6000 f3";
// Calls the address in the second word with the data behind it. Reverts, and takes back whatever was done: with the length of
// the answer and the answer; or with nothing where it failed, is longer than 1,024 bytes, or took more than a quarter of the
// gas. Whatever lacked gas on the way down, and was forgiven it, had taken nearly all there was.
const callOne =
  "5b 5a 6040 36 03 80 6040 6000 37 6000 6000 82 6000 6000 6020 35 5a f1 82 6003 02 5a 6004 02 10 15 16" +
  "61 0400 3d 11 15 16 60dd 57 6000 6000 fd 5b 3d 6000 52 3d 6000 6020 3e 3d 6020 01 6000 fd";
const tellNothing = "5b 00";
const code: Hex = `0x${[sortOut, share, callEach, tellAll, callOne, tellNothing].join("").replaceAll(" ", "")}`;

/** Whether `call` can be made with others: it is well formed, and its data is short. */
export function goesTogether({ to, data }: PlainCall): boolean {
  return /^0x[0-9a-f]{40}$/i.test(to) && data.length <= 2 + 2 * mostBytes && /^0x([0-9a-f]{2})*$/i.test(data);
}

/** The call that makes `calls` on the state of `block` at once; each may take the gas of the node for one, divided by their number and two. */
export function callsCall(calls: readonly PlainCall[], block: unknown): RpcCall {
  const told = calls.map(({ to, data }) => toWord(BigInt(data.length / 2 + 31)) + toWord(to) + data.slice(2));
  const data = `0x${mark}${toWord(BigInt(calls.length))}${told.join("")}`;
  return { method: "eth_call", params: [{ from: caller, to: caller, data }, block, { [caller]: { code } }] };
}

/**
 * What each of `count` calls of `callsCall` returned; undefined for one that failed, took much gas or returned more than
 * 1,024 bytes: only alone it tells which. Undefined for all where the node did not do what was asked.
 */
export function returnsOf(answer: RpcAnswer, count: number): readonly (Hex | undefined)[] | undefined {
  if (!answer.ok || typeof answer.result !== "string" || !/^0x[0-9a-f]*$/i.test(answer.result)) return undefined;
  const told = answer.result.slice(2).toLowerCase();
  const returns: (Hex | undefined)[] = [];
  let at = 0;
  while (at < told.length) {
    const length = told.slice(at, at + 64);
    at += 64;
    if (length === nothing) {
      returns.push(undefined);
      continue;
    }
    const end = at + Number(`0x${length}`) * 2;
    if (!(end <= told.length)) return undefined;
    returns.push(`0x${told.slice(at, end)}`);
    at = end;
  }
  return returns.length === count ? returns : undefined;
}

const nothing = "f".repeat(64);
