import type { Abi } from "viem";
import { z } from "zod";
import { readTextWithin } from "../config/readFileWithin.ts";
import { UsageError } from "../config/UsageError.ts";
import { whyUnread } from "../config/whyUnread.ts";

const parameter = z.looseObject({ name: z.string().optional(), type: z.string() });
const item = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  inputs: z.array(parameter).optional(),
  outputs: z.array(parameter).optional(),
});
const schema = z.union([z.array(item), z.looseObject({ abi: z.array(item) }).transform(({ abi }) => abi)]);

/** The ABIs in `files`: lists, or artifacts of a compiler with an `abi` field. Throws `UsageError` naming the file. */
export function readAbis(files: readonly string[]): Abi[] {
  return files.map((file) => {
    const parsed = schema.safeParse(readJson(file));
    if (!parsed.success)
      throw new UsageError(
        `--abi "${file}" holds no ABI: ${parsed.error.issues[0]?.message}.`,
        "Allowed: a list of functions, events and errors, or an artifact with such a list as abi.",
        "Name the compiler's output.",
      );
    return parsed.data
      .filter(({ type }) => type === "function" || type === "event" || type === "error")
      .map((one) => ({
        stateMutability: "nonpayable",
        ...one,
        inputs: one.inputs ?? [],
        outputs: one.outputs ?? [],
      })) as unknown as Abi;
  });
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readTextWithin(file));
  } catch (cause) {
    const what = `--abi "${file}" cannot be used: ${whyUnread(cause)}.`;
    throw new UsageError(what, "Allowed: a file of JSON.", "Correct the path or the file.", { cause });
  }
}
