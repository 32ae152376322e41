// What an attack may have taken: which tokens are asked, and of whom.
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { type Visit, walk } from "@testudo/core/model/CallTree";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { selector, topic } from "@testudo/core/model/KnownSignature";
import type { Holding } from "../holdings.ts";

/** Whose holdings they are, and who is who. */
export interface Concerned {
  readonly holders: readonly Address[];
  readonly victims: readonly Address[];
  /** Whoever attacks, and his contracts. */
  readonly party: readonly Address[];
}

/** `named` by transfers. What `maybe` is a holding, too, is one if it answers: a log of another kind names its holder. */
export interface Touched {
  readonly named: readonly Holding[];
  readonly maybe: readonly Holding[];
}

const ofTokens: ReadonlySet<string> = new Set([selector.balanceOf, selector.transfer, selector.transferFrom]);

// Each is asked before and after each transaction, and may burn what a read has. No attack on record comes near.
const mostTokens = 128;

/**
 * The holdings that `traces` may have changed: ether, and tokens whose logs name a holder, as WETH's Withdrawal does. Of tokens
 * only those that a holder or a victim has to do with: what an attacker's own contract tells of them is nobody's loss, and
 * would otherwise keep every patch from being one that stops him.
 */
export function holdingsTouched(concerned: Concerned, traces: readonly CallFrame[]): Touched {
  const { holders } = concerned;
  const named = new Map<string, Holding>(holders.map((holder) => [holder, { holder }]));
  const maybe = new Map<string, Holding>();
  for (const token of traces.length === 0 ? [] : tokensOf(concerned, traces)) {
    for (const { topics, data } of token.logs) {
      // ERC-721 has a third indexed word: its balances are counts, and read the same way.
      const isTransfer = topics[0] === topic.transfer && topics.length >= 3;
      for (const holder of holders) {
        if (!names(isTransfer ? topics.slice(1, 3) : [...topics, data], holder)) continue;
        (isTransfer ? named : maybe).set(holder + token.address, { holder, token: token.address });
      }
    }
  }
  for (const key of named.keys()) maybe.delete(key);
  return { named: [...named.values()], maybe: [...maybe.values()] };
}

interface Token {
  readonly address: Address;
  readonly logs: { readonly topics: readonly Hex[]; readonly data: Hex }[];
}

/** Contracts that a holder or a victim used, and their logs; those first that he called himself. */
function tokensOf({ holders, victims, party }: Concerned, traces: readonly CallFrame[]): readonly Token[] {
  const honest = new Set([...victims, ...holders]);
  const his = new Set(party);
  const used = new Map<Address, Token & { isNear: boolean }>();
  for (const trace of traces)
    for (const { context, isNear } of visitsOf(trace, honest, his)) {
      const known = used.get(context);
      if (known === undefined) used.set(context, { address: context, logs: [], isNear });
      else known.isNear ||= isNear;
    }
  for (const visit of traces.flatMap(walk))
    if (!visit.reverted) used.get(visit.context)?.logs.push(...visit.frame.logs);
  const tokens = [...used.values()].filter(({ logs }) => logs.length > 0);
  return tokens.toSorted((a, b) => Number(b.isNear) - Number(a.isNear)).slice(0, mostTokens);
}

/**
 * The visits that honest contracts have made, their own among them, but for what the attacker did when they called him. A contract that
 * he sends a transaction to seems to be his, and may be a token: one that they use as such is not.
 */
function visitsOf(trace: CallFrame, honest: ReadonlySet<Address>, his: ReadonlySet<Address>) {
  const below = new Set<Visit>();
  const found: { context: Address; isNear: boolean }[] = [];
  for (const visit of walk(trace)) {
    const { context, parent } = visit;
    const isHonest = honest.has(context);
    if (!isHonest && (parent === undefined || !below.has(parent))) continue;
    if (!isHonest && his.has(context) && !isTokenUse(visit, honest)) continue;
    below.add(visit);
    found.push({ context, isNear: isHonest || honest.has(parent!.context) });
  }
  return found;
}

function isTokenUse({ frame, parent }: Visit, honest: ReadonlySet<Address>): boolean {
  return honest.has(parent!.context) && ofTokens.has(frame.input.slice(0, 10));
}

function names(words: readonly Hex[], holder: Address): boolean {
  return words.some((word) => word.includes(holder.slice(2)));
}
