import type { PausePlan } from "../model/Action.ts";
import type { Address, Hex } from "../model/Hex.ts";
import { readSelector, selectorRule } from "../model/readSelector.ts";
import { PlaybookMalformed } from "./PlaybookMalformed.ts";

const sixHours = 6 * 3_600;

/**
 * A pause of `functions` of `target`, each by its selector or written as in Solidity, for `durationSeconds` (default six hours). Throws `PlaybookMalformed`.
 */
export function pause(target: Address, functions: readonly string[], durationSeconds = sixHours): PausePlan {
  if (!/^0x[0-9a-f]{40}$/i.test(target))
    throw new PlaybookMalformed(`"${target}" is no address.`, "Allowed: 0x and 40 digits.");
  if (functions.length === 0)
    throw new PlaybookMalformed(`A pause of ${target} names no function.`, "Name one or more.");
  if (!Number.isInteger(durationSeconds) || durationSeconds < 1)
    throw new PlaybookMalformed(
      `A pause of ${target} lasts ${durationSeconds} s.`,
      "Allowed: whole seconds, 1 or more.",
    );
  return {
    type: "pause",
    target: target.toLowerCase() as Address,
    selectors: [...new Set(functions.map(selectorOf))],
    durationSeconds,
  };
}

function selectorOf(text: string): Hex {
  const selector = readSelector(text);
  if (selector === undefined) throw new PlaybookMalformed(`"${text}" is no function.`, selectorRule);
  return selector;
}
