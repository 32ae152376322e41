import { zeroAddress } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

const burnFrom = "0x79cc6790";

/**
 * Forced spending (weight 1.5): the actors themselves move or burn the tokens of an outsider whose own code runs in this
 * transaction, and is not open at that moment: a pool or vault that never let them.
 *
 * Keys on `transferFrom`, `burn(address,uint256)` and `burnFrom`, called by the actors on a token with the outsider as the
 * holder. Controllers of a protocol do so with its own vaults. Evasion: a function of another name.
 */
export function findForcedSpending(story: Story): Sign | undefined {
  const victims = new Set<Address>();
  for (const visit of story.direct) {
    const name = visit.selector;
    if (name !== selector.transferFrom && name !== selector.burnFrom && name !== burnFrom) continue;
    if (visit.frame.input.length < 138 || /^0x0+$/.test(visit.frame.output)) continue;
    const holder: Address = `0x${visit.frame.input.slice(34, 74)}`;
    if (holder === zeroAddress || story.actors.has(holder) || story.made.has(holder) || !story.active.has(holder))
      continue;
    let open = visit.parent;
    while (open !== undefined && open.context !== holder) open = open.parent;
    if (open === undefined) victims.add(holder);
  }
  if (victims.size === 0) return undefined;
  return { name: "forced-spending", weight: 1.5, victims: [...victims], count: victims.size };
}
