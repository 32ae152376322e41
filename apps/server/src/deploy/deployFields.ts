// Building blocks of a deployment's schema. A refusal's second line says why the value is dangerous.
import type { Hex } from "@testudo/core/model/Hex";
import { parseAbiItem, stringToHex, toFunctionSelector } from "viem/utils";
import { z } from "zod";

/** The longest pause that the breaker can be asked for: 72 h. */
export const maxPauseSeconds = 72 * 3_600;
export const daySeconds = 24 * 3_600;

/** A function of a protected contract, named by its signature. */
export interface FunctionRef {
  readonly signature: string;
  readonly selector: Hex;
}

const signatureError =
  'Allowed: a function\'s signature without spaces and names, such as "withdraw(uint256,address)".';

export const functionRef = z
  .string({ error: signatureError })
  .refine(isSignature, { error: signatureError })
  .transform((signature): FunctionRef => ({ signature, selector: toFunctionSelector(`function ${signature}`) }));

function isSignature(text: string): boolean {
  // Aliases would give another selector than the compiler's: "uint" is not what the dispatcher knows.
  if (!/^[A-Za-z_$][\w$]*\([\w$,()[\]]*\)$/.test(text) || /\b(uint|int|fixed|ufixed)\b(?!\d)/.test(text)) return false;
  try {
    return parseAbiItem(`function ${text}`).type === "function";
  } catch {
    return false;
  }
}

const nameError = "Allowed: a name of 1 to 31 ASCII characters, or 0x and 64 hexadecimal digits.";

/** A bytes32 id: a short name as Solidity writes it, or the bytes themselves. */
export const id32 = idOf(31, nameError);

/** As `id32`, with the low 12 bytes zero. */
export const id20 = idOf(20, "Allowed: a name of 1 to 20 ASCII characters.");

function idOf(longest: number, error: string) {
  return z
    .string({ error })
    .refine(
      (text) => isWord(text) || (/^[\x21-\x7e]+$/.test(text) && text.length <= longest && !text.startsWith("0x")),
      {
        error,
      },
    )
    .transform((text): { readonly name: string; readonly id: Hex } => ({
      name: text,
      id: isWord(text) ? (text.toLowerCase() as Hex) : stringToHex(text, { size: 32 }),
    }));
}

function isWord(text: string): boolean {
  return /^0x[0-9a-fA-F]{64}$/.test(text) && !/^0x0{64}$/.test(text);
}

export const hash32 = z
  .string({ error: "Allowed: a hash, 0x and 64 hexadecimal digits, not all zero." })
  .refine(isWord, { error: "Allowed: a hash, 0x and 64 hexadecimal digits, not all zero." })
  .transform((text) => text.toLowerCase() as Hex);

/** A whole number from `min` to `max`; `why` tells what is wrong with one outside. */
export function bounded(min: number, max: number, unit: string, why: string) {
  const error = `Allowed: a whole number from ${min} to ${max}${unit === "" ? "" : ` ${unit}`}.\n- ${why}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** An amount as a bigint or a whole number, below 2^`bits`. */
export function amount(bits: number, min: bigint, why: string) {
  const error = `Allowed: a whole number (1_000n) from ${min}, below 2^${bits}.\n- ${why}`;
  return z
    .union([z.bigint(), z.int()], { error })
    .transform((value) => BigInt(value))
    .refine((value) => value >= min && value < 1n << BigInt(bits), { error });
}

/** A function by its name in the file, for people. */
export const person = (what: string) =>
  z
    .string({ error: `Allowed: ${what}, 1 to 32 letters, digits, - and _.` })
    .regex(/^[A-Za-z0-9_-]{1,32}$/, { error: `Allowed: ${what}, 1 to 32 letters, digits, - and _.` });

/** Refuses the value at `path`: what it is, what is allowed, and why. */
export function refuse(context: z.RefinementCtx, path: PropertyKey[], what: string, allowed: string, why: string) {
  context.addIssue({ code: "custom", path, message: `${allowed}\n- ${why}`, params: { what } });
}

/** The places in `names` that were there before, with the first. */
export function repeated(names: readonly string[]): readonly (readonly [again: number, first: number])[] {
  // In one pass: a file that names far too much is to be refused, not compared for minutes.
  const firsts = new Map<string, number>();
  return names.flatMap((name, i) => {
    const first = firsts.get(name);
    if (first !== undefined) return [[i, first] as const];
    firsts.set(name, i);
    return [];
  });
}
