import { zeroAddress } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

const execTransaction = "0x6a761202";

/**
 * Relayed spending (weight 3): the contract that the sender calls makes a `transferFrom` that stands word for word in the
 * sender's calldata, of tokens of somebody who takes no part, to somebody else than itself.
 *
 * It can be told to call anything, and spends what others allowed it to. A multi-signature wallet that collects its dues
 * has signatures for it and is passed over. Source: Seneca, Li.Fi. Evasion: calldata that is put together on the way.
 */
export function findRelayedSpending(story: Story): Sign | undefined {
  const root = story.visits[0]!;
  const told = root.frame.input;
  if (root.reverted || told.startsWith(execTransaction)) return undefined;
  const victims = new Set<Address>();
  for (const visit of story.acts) {
    const { frame, parent } = visit;
    if (parent?.context !== root.context || frame.type !== "CALL") continue;
    if (visit.selector !== selector.transferFrom || frame.input.length < 202) continue;
    const holder: Address = `0x${frame.input.slice(34, 74)}`;
    const to: Address = `0x${frame.input.slice(98, 138)}`;
    if (holder === zeroAddress || story.actors.has(holder) || to === root.context || to === holder) continue;
    if ([...(story.net.get(holder)?.values() ?? [])].some((n) => n > 0n)) continue;
    if (told.includes(frame.input.slice(2, 202), 10) && !story.active.has(holder)) victims.add(holder);
  }
  if (victims.size === 0) return undefined;
  return { name: "relayed-spending", weight: 3, victims: [...victims, root.context], count: victims.size };
}
