import { addressRule, checksumWayOut, hasWrongChecksum } from "../../config/checksum.ts";
import { type AbiValue, baseOf, type Operator, type ValueType } from "./Expression.ts";
import { rangeOfAbi } from "./Range.ts";

/** Why a comparison can never hold: what is wrong, and what is allowed. */
export interface Misfit {
  readonly what: string;
  readonly allowed: string;
}

/** Why the text `literal` can never equal a value of `type`; undefined where it can. */
export function equalMisfit(literal: string, type: ValueType): Misfit | undefined {
  if (!isAbi(type) || (type.isOptional && literal === "")) return undefined;
  const bytes = widthOf(type);
  if (bytes !== undefined && !isHex(literal, bytes * 2)) return misfitOf(literal, type, bytes);
  if (type.abi === "address" && !type.isHashed && hasWrongChecksum(literal))
    return {
      what: `"${literal}" has a wrong checksum: a digit is mistyped.`,
      allowed: `${addressRule}\n- ${checksumWayOut}`,
    };
  if (type.abi === "bytes" && !/^0x([0-9a-f]{2})*$/i.test(literal))
    return { what: `"${literal}" is no bytes.`, allowed: "Allowed: 0x and pairs of hexadecimal digits." };
  return undefined;
}

/** Why no value of `type` can contain, start or end with `literal`; undefined where one can. */
export function partMisfit(operator: Operator, literal: string, type: ValueType): Misfit | undefined {
  if (!isAbi(type) || (type.abi === "string" && !type.isHashed)) return undefined;
  const bytes = widthOf(type);
  const form = operator === "starts_with" ? /^(0?|0x[0-9a-f]*)$/i : /^(0?x)?[0-9a-f]*$/i;
  if (form.test(literal) && (bytes === undefined || literal.replace(/^0x/i, "").length <= bytes * 2)) return undefined;
  return bytes === undefined
    ? { what: `"${literal}" stands in no bytes.`, allowed: "Allowed: hexadecimal digits, after 0x at the start." }
    : misfitOf(literal, type, bytes, "part of ");
}

/** Why nothing in a list or in fields of `type` can equal `literal`; undefined where something can. */
export function insideMisfit(literal: string, type: ValueType): Misfit | undefined {
  const misfits = leavesOf(type).map((leaf) => leafMisfit(literal, leaf));
  return misfits.includes(undefined) ? undefined : misfits[0];
}

/** Why values of both types can never be equal; undefined where they can. */
export function pairMisfit(a: ValueType, b: ValueType): Misfit | undefined {
  if (!isAbi(a) || !isAbi(b)) return undefined;
  const widths = [widthOf(a), widthOf(b)];
  const isApart = widths[0] !== widths[1] && !widths.includes(undefined);
  if (!isApart && a.isHashed === b.isHashed) return undefined;
  if (!isApart && [a, b].every((each) => each.isHashed || each.abi === "bytes32" || each.abi === "bytes"))
    return undefined;
  return { what: `${nameOf(a)} is never equal to ${nameOf(b)}.`, allowed: "Allowed: values of one type." };
}

function leavesOf(type: ValueType): readonly ValueType[] {
  if (typeof type === "string" || isAbi(type)) return [type];
  return "list" in type ? leavesOf(type.list) : Object.values(type.fields).flatMap(leavesOf);
}

function leafMisfit(literal: string, leaf: ValueType): Misfit | undefined {
  switch (baseOf(leaf)) {
    case "int": {
      const { min, max } = (isAbi(leaf) ? rangeOfAbi(leaf.abi) : undefined) ?? {};
      const isNumber = /^(0|-?[1-9]\d*)$/.test(literal);
      if (isNumber && !(BigInt(literal) < (min ?? BigInt(literal))) && !(BigInt(literal) > (max ?? BigInt(literal))))
        return undefined;
      return { what: `"${literal}" is no ${isAbi(leaf) ? leaf.abi : "number"}.`, allowed: "Allowed: decimal digits." };
    }
    case "bool":
      if (/^(true|false)$/i.test(literal)) return undefined;
      return { what: `"${literal}" is no truth value.`, allowed: "Allowed: true, false." };
    default:
      return equalMisfit(literal, leaf);
  }
}

/** How many bytes a value has, where all of its type have as many. */
function widthOf({ abi, isHashed }: AbiValue): number | undefined {
  if (isHashed) return 32;
  if (abi === "address") return 20;
  if (abi === "function") return 24;
  const [, width] = /^bytes(\d+)$/.exec(abi) ?? [];
  return width === undefined ? undefined : Number(width);
}

function misfitOf(literal: string, type: AbiValue, bytes: number, part = ""): Misfit {
  const digits = `0x and ${bytes * 2} hexadecimal digits`;
  if (type.isHashed)
    return {
      what: `"${literal}" is no ${part}hash: of an indexed ${type.abi} the log holds its keccak256 hash alone.`,
      allowed: `Allowed: ${part}the hash, ${digits}; the value itself is in no log.`,
    };
  return { what: `"${literal}" is no ${part}${type.abi}.`, allowed: `Allowed: ${part}${digits}.` };
}

function nameOf({ abi, isHashed }: AbiValue): string {
  return isHashed ? `the hash of an indexed ${abi}` : /^[aeiou]/.test(abi) ? `an ${abi}` : `a ${abi}`;
}

function isHex(text: string, digits: number): boolean {
  return text.length === digits + 2 && /^0x[0-9a-f]*$/i.test(text);
}

function isAbi(type: ValueType): type is AbiValue {
  return typeof type === "object" && "abi" in type;
}
