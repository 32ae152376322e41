import type { AbiFunction, AbiParameter } from "viem";
import { arrayOf, componentsOf } from "../adversary/Place.ts";

const known = /^(address|bool|string|bytes(3[0-2]|[12]\d|[1-9])?|u?int\d+)$/;
const mostItems = 64;

/** Whether call data of the function can be made: a fixed array of thousands, or a type that has no coding, is left alone. */
export function isCodable({ inputs }: AbiFunction): boolean {
  return inputs.every(isKnown);
}

function isKnown(input: AbiParameter): boolean {
  const array = arrayOf(input);
  if (array !== undefined) return (array.length ?? 0) <= mostItems && isKnown(array.item);
  if (input.type === "tuple") return "components" in input && componentsOf(input).every(isKnown);
  const bits = /^u?int(\d+)$/.exec(input.type)?.[1];
  return (
    known.test(input.type) &&
    (bits === undefined || (Number(bits) % 8 === 0 && Number(bits) > 0 && Number(bits) <= 256))
  );
}
