// Whether what left went to somebody without a past: who robs a treasury by its own rules has it paid to a new address.
import { madeIn } from "../../model/ActorCluster.ts";
import { type Asset, native, zeroAddress } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import type { StateAnswer, StateRead } from "../../model/StateRead.ts";
import type { TxView } from "../../model/TxView.ts";
import { amountOf, holdingRead } from "../../signs/Holding.ts";
import type { Leg } from "../../signs/Loss.ts";

// Who gets less than this part of what left is no more asked about: the number of payees is the sender's choice.
const mostPayees = 16n;

interface Payee {
  readonly address: Address;
  readonly asset: Asset;
  readonly amount: bigint;
}

/** The reads that tell the past of those who got much of what `holder` has less of. */
export function payeeReads(view: TxView, holder: Address, watched: ReadonlySet<Address>): StateRead[] {
  const lost = [...(view.flow().net.get(holder) ?? [])].flatMap(([asset, n]) =>
    n < 0n ? [{ asset, amount: -n }] : [],
  );
  return payeesOf(view, lost, watched).flatMap(pastReads);
}

/**
 * The legs of which at least half went to accounts that cannot have acted before: at the parent block they had no code, no
 * coin to pay for gas, and of the asset at most a hundredth of what they get, since whoever steals may try with a little first.
 */
export function legsToFresh(
  view: TxView,
  legs: readonly Leg[],
  watched: ReadonlySet<Address>,
  readAll: (reads: readonly StateRead[]) => readonly StateAnswer[],
): Leg[] {
  const payees = payeesOf(view, legs, watched);
  const answers = readAll(payees.flatMap(pastReads));
  const fresh = payees.filter((payee, i) => hasNoPast(payee, answers.slice(i * 3, i * 3 + 3)));
  return legs.filter(({ asset, amount }) => {
    const paid = fresh.reduce((sum, payee) => sum + (payee.asset === asset ? payee.amount : 0n), 0n);
    return paid * 2n >= amount;
  });
}

/** Contracts that came into being here have no past either, but whose they are is known: see the young caller. */
function payeesOf(
  view: TxView,
  lost: readonly Pick<Leg, "asset" | "amount">[],
  watched: ReadonlySet<Address>,
): Payee[] {
  const passed = new Set<Address>([zeroAddress, view.tx.from, ...madeIn(view), ...watched]);
  const left = new Map(lost.map(({ asset, amount }) => [asset, amount]));
  return [...view.flow().net].flatMap(([address, own]) =>
    passed.has(address)
      ? []
      : [...own].flatMap(([asset, amount]): Payee[] =>
          left.has(asset) && amount > 0n && amount * mostPayees >= left.get(asset)! ? [{ address, asset, amount }] : [],
        ),
  );
}

function pastReads({ address, asset }: Payee): StateRead[] {
  const coin: StateRead = { kind: "balance", at: "parent", address };
  const held = asset === native ? coin : holdingRead(asset, address, "parent");
  return [coin, { kind: "code", at: "parent", address }, held];
}

function hasNoPast({ amount }: Payee, [coin, code, held]: readonly StateAnswer[]): boolean {
  const before = amountOf(held);
  const isEmpty = amountOf(coin) === 0n && code?.ok === true && code.value === "0x";
  return isEmpty && before !== undefined && before * 100n <= amount;
}
