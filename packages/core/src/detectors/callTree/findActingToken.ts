import { native } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { isDust } from "./dust.ts";
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

/** What a collection of ERC-721 is asked. */
const collection: ReadonlySet<string> = new Set([
  "0x6352211e", // ownerOf
  selector.safeTransferFrom,
  selector.safeTransferFromWithData,
]);

/**
 * Acting token (weight 3): somebody asks a contract for its `approve`, `balanceOf`, `allowance`, `totalSupply`,
 * `decimals`, `name`, `underlying` and the like as if it were a token, and money of others moves while it answers.
 *
 * A protocol that takes any token hands control to the attacker's contract there. Source: Rari Capital with Alpha Homora.
 * Weight 1: an outsider asks the actors' contract for the owner of a token as if it were a collection of ERC-721, and pays that
 * contract itself in coin; a collection that redeems its own items looks the same, and one that a transfer of an item was asked of is one. Source: Particle (2024).
 * Evasion: acting in `transfer` or `transferFrom`, where honest tokens sell their fees (re-entry may still show).
 */
export function findActingToken(story: Story): Sign | undefined {
  const victims = new Set<Address>();
  for (const visit of story.acts) {
    if (visit.frame.calls.length === 0 || !quiet.has(visit.selector)) continue;
    if (visit.frame.type !== "CALL" || visit.parent === undefined) continue;
    if (movesBelow(story.visits, visit)) victims.add(visit.parent.context);
  }
  if (victims.size === 0) return findActingCollection(story);
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

function findActingCollection({ visits, actors, made, acts }: Story): Sign | undefined {
  if (collection.has(visits[0]!.selector)) return undefined;
  const askers = new Set<string>();
  for (const { parent, context, reverted, selector: name } of visits)
    if (!reverted && parent !== undefined && collection.has(name) && actors.has(context) && !actors.has(parent.context))
      askers.add(`${parent.context}${context}`);
  if (askers.size === 0) return undefined;
  const victims = new Set<Address>();
  for (const { parent, context, frame } of acts) {
    const payer = parent?.context;
    if (payer === undefined || made.has(payer) || frame.type !== "CALL" || isDust(native, frame.value)) continue;
    if (askers.has(`${payer}${context}`)) victims.add(payer);
  }
  return victims.size === 0
    ? undefined
    : { name: "acting-token", weight: 1, victims: [...victims], count: victims.size };
}
