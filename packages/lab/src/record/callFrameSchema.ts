import type { CallFrame, FrameLog, FrameType } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { z } from "zod";
import { addressSchema, firstIssue, hexSchema, quantitySchema, wordSchema } from "./recordedSchema.ts";

// The EVM allows 1,024 calls deep. A deeper tree is made up, and would exhaust our stack.
const depthMax = 1_100;

const types = ["CALL", "STATICCALL", "DELEGATECALL", "CALLCODE", "CREATE", "CREATE2", "SELFDESTRUCT"] as const;
const zeroAddress: Hex = `0x${"0".repeat(40)}`;

const logSchema = z.object({
  address: addressSchema,
  topics: z.array(wordSchema).max(4),
  data: hexSchema.default("0x"),
  position: z.union([z.number().int().nonnegative(), quantitySchema]).transform(Number).optional(),
});

const frameSchema = z.object({
  type: z.enum(types),
  from: addressSchema,
  // A creation that failed has none.
  to: addressSchema.nullish(),
  value: quantitySchema.nullish(),
  input: hexSchema.default("0x"),
  output: hexSchema.default("0x"),
  error: z.string().max(1_000).optional(),
  calls: z.array(z.unknown()).default([]),
  logs: z.array(logSchema).default([]),
});

/** A tree in the words of geth's callTracer. Frame by frame: a schema that names itself would nest deeper than the stack is. */
export const callFrameSchema = z.unknown().transform((value, context): CallFrame => {
  const parsed = parseTree(value);
  if (typeof parsed !== "string") return parsed;
  context.addIssue({ code: "custom", message: parsed });
  return z.NEVER;
});

/** A frame while its children are still read. */
interface OpenFrame {
  readonly frame: CallFrame & { readonly calls: CallFrame[] };
  readonly rest: readonly unknown[];
  next: number;
}

function parseTree(value: unknown): CallFrame | string {
  const root = openFrame(value);
  if (typeof root === "string") return root;
  const open = [root];
  while (open.length > 0) {
    const top = open.at(-1)!;
    if (top.next === top.rest.length) {
      open.pop();
      continue;
    }
    const child = openFrame(top.rest[top.next]);
    if (typeof child === "string") return child;
    top.next += 1;
    top.frame.calls.push(child.frame);
    open.push(child);
    if (open.length > depthMax) return `calls are more than ${depthMax} deep`;
  }
  return root.frame;
}

function openFrame(value: unknown): OpenFrame | string {
  const parsed = frameSchema.safeParse(value);
  if (!parsed.success) return firstIssue(parsed.error);
  const { type, from, to, value: amount, input, output, error, calls: rest, logs } = parsed.data;
  const frame = {
    type: type as FrameType,
    from,
    to: to ?? zeroAddress,
    value: amount ?? 0n,
    input,
    output,
    ...(error === undefined ? {} : { error }),
    calls: [],
    logs: logs.map(({ position, ...log }): FrameLog => (position === undefined ? log : { ...log, position })),
  };
  return { frame, rest, next: 0 };
}
