import type { Hex } from "./Hex.ts";
import { functionSelector } from "./signatureHash.ts";

/** How a function may be named. */
export const selectorRule =
  'Allowed: a selector, or the signature with full types and without spaces, such as "withdraw(uint256)".';

/** The selector of a function that is named by its selector or by its signature, in lower case; undefined where `text` is neither. */
export function readSelector(text: string): Hex | undefined {
  if (/^0x[0-9a-f]{8}$/i.test(text)) return text.toLowerCase() as Hex;
  const [, types] = /^[A-Za-z_$][\w$]*\((.*)\)$/.exec(text) ?? [];
  return types !== undefined && isList(types) ? functionSelector(text) : undefined;
}

/** Whether `text` is a list of types as a selector is taken of: of `uint` or `uint08` the hash is another, which no function has. */
function isList(text: string): boolean {
  return text === "" || splitTop(text).every(isType);
}

function isType(text: string): boolean {
  const bare = text.replace(/(?:\[(?:[1-9]\d*)?\])+$/, "");
  if (bare.startsWith("(") && bare.endsWith(")")) return isList(bare.slice(1, -1));
  const [, base, size] = /^(u?int|bytes|address|bool|string|function)((?:[1-9]\d*)?)$/.exec(bare) ?? [];
  if (base === undefined) return false;
  if (base === "bytes") return size === "" || Number(size) <= 32;
  if (base.endsWith("int")) return Number(size) % 8 === 0 && Number(size) >= 8 && Number(size) <= 256;
  return size === "";
}

/** `text` cut at its commas outside of parentheses; where those do not pair off, at a place that makes no type. */
function splitTop(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const char of text) {
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (depth < 0) return [")"];
    if (char === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return depth === 0 ? parts : ["("];
}
