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
