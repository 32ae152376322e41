import { type Address, type Hex, toWord } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import { hasGained, type Story } from "./Story.ts";

/**
 * Told amount (weight 3): an outsider asks a contract that the actors made in this transaction, and then has a standing
 * contract give one of the actors, who stood before or is what the transaction creates, exactly the amount that it was told:
 * `f(receiver, amount)`, as a transfer or mint; and they end with more of something.
 *
 * Nobody makes a contract and has it asked how much he is owed, unless whoever asks does not know whom he asks. A token that
 * was made here answers for itself alone; and what the transaction creates may deposit one for a receipt of what came: what any token
 * is asked counts for nothing there. Source: Convergence (2024), whose rewards came from any contract that named itself
 * a staking. Evasion: a contract that was made before; an amount that the outsider changes, or
 * that is small enough for a time.
 */
export function findToldAmount(story: Story): Sign | undefined {
  const told = new Map<Address, Set<string>>();
  const counted = new Set<string>();
  const victims = new Set<Address>();
  let count = 0;
  const root = story.visits[0]!.context;
  if (story.made.size === 0 || !hasGained(story)) return undefined;
  for (const { context, parent, frame, reverted, isStatic, selector: name } of story.visits) {
    if (reverted || parent === undefined) continue;
    const asker = parent.context;
    if (story.made.has(context) && story.actors.has(context) && !isOurs(story, asker)) {
      const amount = wordOf(frame.output);
      if (amount !== undefined) told.set(asker, (told.get(asker) ?? new Set()).add(amount));
      if (tokenViews.has(name)) counted.add(`${asker}${amount}`);
    } else if (
      !isStatic &&
      frame.type === "CALL" &&
      name !== approve &&
      frame.input.length === 138 &&
      told.get(asker)?.has(frame.input.slice(74)) === true
    ) {
      const receiver: Address = `0x${frame.input.slice(34, 74)}`;
      if (
        isOurs(story, context) ||
        !story.actors.has(receiver) ||
        (story.made.has(receiver) && (receiver !== root || counted.has(`${asker}${frame.input.slice(74)}`))) ||
        frame.input.slice(10, 74) !== toWord(receiver)
      )
        continue;
      victims.add(asker).add(context);
      count += 1;
    }
  }
  return count === 0 ? undefined : { name: "told-amount", weight: 3, victims: [...victims], count };
}

function isOurs({ actors, made }: Story, address: Address): boolean {
  return actors.has(address) || made.has(address);
}

const approve = "0x095ea7b3";

/** What is asked of any token that is deposited. */
const tokenViews: ReadonlySet<string> = new Set([
  selector.balanceOf,
  selector.totalSupply,
  "0xdd62ed3e", // allowance(address,address)
]);

/** The first word of an answer, where it may be an amount: no time, count or address. */
function wordOf(output: Hex): string | undefined {
  const word = output.slice(2, 66);
  if (word.length < 64) return undefined;
  const value = BigInt(`0x${word}`);
  return value >> 40n === 0n || (value >> 96n !== 0n && value >> 160n === 0n) ? undefined : word;
}
