import type { Hex } from "@testudo/core/model/Hex";

/**
 * Whether `code` can dispatch `selector`: its four bytes stand in it, without leading zeros, as a compiler pushes them.
 * A chance match in 24 kB has odds of about 1 in 180,000; a selector that is computed at run time is not found.
 */
export function hasSelector(code: Hex, selector: Hex): boolean {
  const digits = selector.slice(2).replace(/^(00)+/, "");
  for (let at = code.indexOf(digits, 2); at >= 0; at = code.indexOf(digits, at + 1)) if (at % 2 === 0) return true;
  return false;
}

/**
 * Whether `code` compares what it is called with against `selector`, as a compiler's dispatcher does. A call of another
 * contract's function of that name pushes the same bytes and compares nothing.
 */
export function dispatches(code: Hex, selector: Hex): boolean {
  return new RegExp(`63${selector.slice(2)}(8[0-9a-f])?14`).test(code);
}
