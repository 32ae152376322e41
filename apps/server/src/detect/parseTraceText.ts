import { RpcMalformed } from "@testudo/chain/rpc/RpcError";
import { toJsonText } from "@testudo/chain/rpc/toJsonText";
import { parseFrame } from "@testudo/chain/wire/parseTrace";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { countFields, countKeys } from "./countKeys.ts";
import { TraceFault } from "./TraceFault.ts";
import { mostCalls } from "./traceLimits.ts";

const allowed =
  "Allowed: the tree of geth's callTracer for one transaction, bare or as the `result` of a JSON-RPC answer.";

/**
 * Reads the text of a call tree. Letter case does not matter, unknown fields are ignored, `gas`, `logs`, `calls` and
 * `output` may be missing or null. Throws TraceFault.
 */
export function parseTraceText(text: string): CallFrame {
  const value = parseJson(text);
  if (countKeys(text) !== countFields(value))
    throw new TraceFault(
      "An object names one field twice.",
      "Allowed: each field once; readers differ in which they take.",
      "Trace the transaction again.",
    );
  return parseTree(unwrap(value));
}

/** Reads a call tree that came as JSON already. Throws TraceFault. */
export function parseTree(tree: unknown, most = mostCalls): CallFrame {
  assertSize(tree, most);
  try {
    return parseFrame(plain(tree), { method: "callTracer" });
  } catch (error) {
    if (!(error instanceof RpcMalformed)) throw error;
    const [what] = error.message.split("\n");
    throw new TraceFault(
      `${what!.replace(/^Answer to callTracer: /, "Call tree: ")}`,
      error.message.split("\n")[1]!.replace(/^- /, ""),
      'Trace the transaction again with {tracer: "callTracer"}.',
      { cause: error },
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TraceFault(
      `It is no JSON: ${reason.slice(0, 160)}.`,
      allowed,
      "Name the file that the node's answer is in.",
      {
        cause,
      },
    );
  }
}

function unwrap(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new TraceFault(
      `It is ${Array.isArray(value) ? "a list" : JSON.stringify(value)?.slice(0, 60)}, no object.`,
      allowed,
      "Of a block's traces, write each `result` into a file of its own.",
    );
  const fields = value as Fields;
  const isAnswer = "jsonrpc" in fields || (!("from" in fields) && ("result" in fields || "error" in fields));
  if (!isAnswer) return value;
  if (fields.error !== undefined && fields.error !== null)
    throw new TraceFault(
      `The node answered with an error: ${toJsonText(fields.error)?.slice(0, 160)}.`,
      allowed,
      "Ask the node again.",
    );
  if (Array.isArray(fields.result) || typeof fields.result !== "object" || fields.result === null)
    throw new TraceFault(
      `The answer's result is ${toJsonText(fields.result)?.slice(0, 60)}.`,
      allowed,
      "Ask for one transaction.",
    );
  return fields.result;
}

type Fields = { readonly [field: string]: unknown };

/** Bounds what is judged before it is looked into; iterative, since the depth is the sender's. */
function assertSize(tree: unknown, most: number): void {
  let calls = 0;
  const open: unknown[] = [tree];
  while (open.length > 0) {
    const top = open.pop();
    if (top === null || typeof top !== "object") continue;
    calls += 1;
    if (calls > most)
      throw new TraceFault(
        `The tree has more than ${most} calls.`,
        `Allowed: up to ${most}.`,
        "36 million gas have no room for more; look at what wrote the file.",
      );
    const inner = (top as Fields).calls;
    if (Array.isArray(inner)) for (const each of inner) open.push(each);
  }
}

/**
 * Fills what tracers leave out; null stands for nothing. A call without a type (Venn's requests have none) is a creation where
 * code comes out of code, or it has no `to` and then makes whatever acts first below it; a delegation where it repeats its
 * caller's input word for word; else a CALL.
 */
function plain(value: unknown, depth = 0, caller?: Fields): unknown {
  // parseFrame says what it thinks of anything else, and of a tree that is deeper than the EVM's.
  if (value === null || typeof value !== "object" || Array.isArray(value) || depth > 1_200) return value;
  const frame = value as Fields;
  const { from, to, value: amount, output, error, revertReason, calls, logs } = frame;
  const type = typeof frame.type === "string" ? frame.type.toUpperCase() : (frame.type ?? kindOf(frame, caller));
  // Field by field: objects of one shape are made and read several times quicker than what is left of a spread.
  return {
    type,
    from,
    to: to ?? (frame.type == null && type === "CREATE" ? madeBy(calls) : to),
    value: quantityOf(amount),
    input: inputOf(frame) ?? "0x",
    output,
    error,
    revertReason,
    calls: Array.isArray(calls) ? calls.map((each) => plain(each, depth + 1, frame)) : calls,
    logs,
  };
}

/** What a call was told. Some name it as transactions do; without it everything would look harmless. */
function inputOf({ input, data }: Fields): unknown {
  return input ?? data;
}

function kindOf(frame: Fields, caller: Fields | undefined): string {
  const { to, output } = frame;
  const input = inputOf(frame);
  if (to == null || (isCode(input) && isCode(output))) return "CREATE";
  if (caller === undefined || typeof input !== "string" || input.length < 10) return "CALL";
  return input === inputOf(caller) && to !== caller.to ? "DELEGATECALL" : "CALL";
}

/** Compiled code begins by putting a number on the stack; no answer of a call begins with so great a one. */
function isCode(bytes: unknown): boolean {
  return typeof bytes === "string" && bytes.length > 66 && bytes.startsWith("0x60");
}

function madeBy(calls: unknown): unknown {
  const first: unknown = Array.isArray(calls) ? calls[0] : undefined;
  return (first as Fields | undefined)?.from ?? `0x${"0".repeat(40)}`;
}

/** An amount that is written in decimal digits, as a text or a number, in the form of a node's answer. */
function quantityOf(amount: unknown): unknown {
  const isDecimal = typeof amount === "number" ? Number.isSafeInteger(amount) && amount >= 0 : isDigits(amount);
  return isDecimal ? `0x${BigInt(amount as number | string).toString(16)}` : amount;
}

function isDigits(amount: unknown): boolean {
  return typeof amount === "string" && /^\d{1,78}$/.test(amount);
}
