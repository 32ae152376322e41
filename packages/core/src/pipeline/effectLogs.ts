// What the breaker's logs say of an action. Anyone can emit such a log: only the breaker's own count.

import type { Action, PauseAction, RuleAction } from "../model/Action.ts";
import type { BlockBundle } from "../model/BlockBundle.ts";
import { type Address, addressOfWord, type Hex, wordAt } from "../model/Hex.ts";
import { eventTopic } from "../model/signatureHash.ts";
import { timeText } from "../model/timeText.ts";

/** keccak256("Tripped(address,bytes4,uint40,bytes32,bytes32)") */
export const trippedTopic: Hex = "0x3d8cb63a16c909815bb1192b9cb53535adb98dff2c5eff6dc87d6055f4122f92";
export const ruleSetTopic: Hex = eventTopic("RuleSet(address,bytes4,(uint8,uint8,uint256),uint40)");
export const ruleClearedTopic: Hex = eventTopic("RuleCleared(address,bytes4)");
export const tightenedTopic: Hex = eventTopic("Tightened(address,bytes32,bytes32,bytes32)");

/** A selector that a block's log shuts or narrows. */
export interface Effect {
  readonly selector: Hex;
  /** Unix seconds. */
  readonly until: bigint;
  readonly txIndex: number;
}

/** What took effect of `action` in `bundle`, and what that means in words. Empty where nothing did. */
export function readEffects(bundle: BlockBundle, breaker: Address, action: Action): readonly Effect[] {
  return action.type === "pause" ? readTrips(bundle, breaker, action) : readRule(bundle, action);
}

function readTrips(bundle: BlockBundle, breaker: Address, action: PauseAction): Effect[] {
  return bundle.logs.flatMap(({ address, topics: [kind, target, selector], data, txIndex }) => {
    if (address !== breaker || kind !== trippedTopic || target === undefined || selector === undefined) return [];
    if (addressOfWord(target) !== action.target || wordAt(data, 2) !== BigInt(action.evidence)) return [];
    const named = selector.slice(0, 10) as Hex;
    return action.selectors.includes(named) ? [{ selector: named, until: wordAt(data, 0) ?? 0n, txIndex }] : [];
  });
}

// RuleSet names the rule and its end; the evidence stands in the Tightened that the same call emits.
function readRule({ logs }: BlockBundle, { rule, breaker, evidence }: RuleAction): Effect[] {
  const ours = new Set(
    logs
      .filter(({ address, topics: [kind] }) => address === breaker && kind === tightenedTopic)
      .filter(({ data }) => wordAt(data, 1) === BigInt(evidence))
      .map(({ txIndex }) => txIndex),
  );
  return logs.flatMap(({ address, topics, data, txIndex }) => {
    if (address !== breaker || topics[0] !== ruleSetTopic || !isAbout(topics, rule) || !ours.has(txIndex)) return [];
    return [{ selector: rule.selector, until: wordAt(data, 3) ?? 0n, txIndex }];
  });
}

/** The transaction of `bundle` that took `action`'s rule back; undefined where none did. */
export function clearedBy({ logs, txs }: BlockBundle, { rule, breaker }: RuleAction): Hex | undefined {
  const about = logs.filter(({ address, topics }) => address === breaker && isAbout(topics, rule));
  const last = about.findLast(({ topics: [kind] }) => kind === ruleSetTopic || kind === ruleClearedTopic);
  return last?.topics[0] === ruleClearedTopic ? txs[last.txIndex]?.hash : undefined;
}

function isAbout([, target, selector]: readonly Hex[], rule: RuleAction["rule"]): boolean {
  if (target === undefined || selector === undefined) return false;
  return addressOfWord(target) === rule.target && selector.slice(0, 10) === rule.selector;
}

/** `effects` in words. The council pauses each selector as far as its own bounds reach: a spent one stays open. */
export function describeEffects(effects: readonly Effect[], { type, selectors }: Action): string {
  const ends = [...new Set(effects.map(({ until }) => until))];
  const done = ends.map((end) => {
    const named = effects.flatMap(({ selector, until }) => (until === end ? [selector] : []));
    return `${type === "pause" ? "paused" : "ruled"} until ${timeText(end)}: ${named.join(", ")}`;
  });
  const open = selectors.filter((selector) => !effects.some((effect) => effect.selector === selector));
  return [...done, ...(open.length > 0 ? [`not paused, its bounds are reached: ${open.join(", ")}`] : [])].join("; ");
}
