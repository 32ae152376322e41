import type { Visit } from "../../model/CallTree.ts";
import { type Address, wordAt } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import { sync } from "./marketsOf.ts";
import type { Story } from "./Story.ts";

/**
 * Which share of a pair's balance of a token was left where it fell although nobody moved any of it, by pair: what the token answers
 * falls between two questions, no transfer names the pair and no function of the pair is called meanwhile, and then the pair is told
 * to believe it (`sync`). Several falls count together.
 */
export function fallenBalances({ visits, actors }: Story): ReadonlyMap<Address, number> {
  const left = new Map<string, number>();
  const known = new Map<string, { readonly balance: bigint; readonly moves: number }>();
  const moves = new Map<Address, number>();
  const fallen = new Map<Address, number>();
  const move = (holder: Address) => moves.set(holder, (moves.get(holder) ?? 0) + 1);
  const worst = new Map<Address, number>();
  for (const visit of visits) {
    if (visit.reverted) continue;
    const { context } = visit;
    const read = balanceIn(visit);
    if (read !== undefined) {
      const key = `${context}|${read.holder}`;
      const count = moves.get(read.holder) ?? 0;
      const before = known.get(key);
      if (before !== undefined && before.moves === count && read.balance < before.balance) {
        const share = (left.get(key) ?? 1) * (Number(read.balance) / Number(before.balance));
        left.set(key, share);
        worst.set(read.holder, Math.min(worst.get(read.holder) ?? 1, share));
      }
      known.set(key, { balance: read.balance, moves: count });
      if (visit.parent?.selector === sync && visit.parent.context === read.holder && !actors.has(read.holder))
        fallen.set(read.holder, worst.get(read.holder) ?? 1);
      continue;
    }
    if (visit.isStatic) continue;
    const claim = readTransferCall(visit);
    for (const holder of claim === undefined ? [] : [claim.from, claim.to]) move(holder);
    if (claim === undefined && visit.selector !== sync) move(context);
  }
  return fallen;
}

function balanceIn({ selector: name, frame, isStatic }: Visit): { holder: Address; balance: bigint } | undefined {
  if (name !== selector.balanceOf || !isStatic || frame.input.length < 74 || frame.type === "DELEGATECALL")
    return undefined;
  const balance = wordAt(frame.output, 0);
  return balance === undefined ? undefined : { holder: `0x${frame.input.slice(34, 74)}`, balance };
}
