import type { LayoutEntry, PriceSource } from "@testudo/lab/forensics/Examined";
import { z } from "zod";
import { readTextWithin } from "../config/readFileWithin.ts";
import { UsageError } from "../config/UsageError.ts";
import { whyUnread } from "../config/whyUnread.ts";

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase() as `0x${string}`);
const asset = z.union([z.literal("native"), address]);
const pricesSchema = z.object({
  currency: z.string().min(1).max(12),
  prices: z.record(asset, z.number().nonnegative()),
});

/** Prices of whole tokens: `{currency: "USD", prices: {"native": 3000, "0x…": 1}}`. Throws `UsageError` for any other file. */
export function readPrices(file: string): PriceSource {
  const { currency, prices } = parse("--prices", file, pricesSchema, "{currency, prices: {native or token: number}}");
  return { currency, prices: new Map(Object.entries(prices)) };
}

const layoutSchema = z.object({
  address,
  storage: z.array(z.looseObject({ label: z.string(), slot: z.string().regex(/^\d+$/), type: z.string() })),
});

/** A contract's storage layout as a compiler writes it, with its address beside it. Throws `UsageError` for any other file. */
export function readLayout(file: string): readonly [address: `0x${string}`, entries: readonly LayoutEntry[]] {
  const { address: owner, storage } = parse(
    "--layout",
    file,
    layoutSchema,
    "{address, storage: [{label, slot, type}]}",
  );
  return [owner, storage.map(({ label, slot, type }) => ({ label, slot: BigInt(slot), type }))];
}

function parse<T extends z.ZodType>(flag: string, file: string, schema: T, form: string): z.output<T> {
  let said: string | undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(readTextWithin(file)));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    said = `${issue?.path.join(".") || "the file"}: ${issue?.message}`;
  } catch (cause) {
    said = whyUnread(cause);
  }
  throw new UsageError(
    `${flag} "${file}" cannot be used: ${said}.`,
    `Allowed: JSON as ${form}.`,
    "Correct the path or the file.",
  );
}
