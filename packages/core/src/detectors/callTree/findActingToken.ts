import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/** What every token answers without touching anybody else's money. */
const quiet: ReadonlySet<string> = new Set([
  "0x095ea7b3", // approve
  "0xdd62ed3e", // allowance
  selector.balanceOf,
  selector.totalSupply,
  selector.decimals,
  "0x06fdde03", // name
  "0x95d89b41", // symbol
  "0x6f307dc3", // underlying
  "0x38d52e0f", // asset
]);

const moving: ReadonlySet<string> = new Set([
  selector.transfer,
  selector.transferFrom,
  selector.deposit,
  selector.withdraw,
]);

/**
 * Acting token (weight 3): somebody asks a contract for its `approve`, `balanceOf`, `allowance`, `totalSupply`,
 * `decimals`, `name`, `underlying` and the like as if it were a token, and money of others moves while it answers.
 *
 * A protocol that takes any token hands control to the attacker's contract there. Source: Rari Capital with Alpha Homora.
 * Evasion: acting in `transfer` or `transferFrom`, where honest tokens sell their fees (re-entry may still show).
 */
export function findActingToken(story: Story): Sign | undefined {
  const victims = new Set<Address>();
  for (const visit of story.acts) {
    if (visit.frame.calls.length === 0 || !quiet.has(visit.selector)) continue;
    if (visit.frame.type !== "CALL" || visit.parent === undefined) continue;
    if (movesBelow(story.visits, visit)) victims.add(visit.parent.context);
  }
  if (victims.size === 0) return undefined;
  return {
    name: "acting-token",
    weight: 3,
    victims: [...victims].filter((a) => !story.actors.has(a)),
    count: victims.size,
  };
}

function movesBelow(visits: readonly Visit[], { order, end, context }: Visit): boolean {
  return visits.slice(order + 1, end + 1).some((v) => {
    if (v.reverted || v.isStatic || v.context === context || v.frame.type !== "CALL") return false;
    return v.frame.value > 0n || moving.has(v.selector);
  });
}
