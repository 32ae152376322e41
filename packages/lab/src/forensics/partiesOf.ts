import { zeroAddress } from "@testudo/core/model/Asset";
import { netOfGroup } from "@testudo/core/model/AssetFlow";
import type { Address } from "@testudo/core/model/Hex";
import { findFlashLoans } from "@testudo/core/signs/FlashLoan";
import type { Assets } from "./amounts.ts";
import type { HolderLoss } from "./lossesOf.ts";
import { shortAddress } from "./openDecoder.ts";
import type { AssetAmount, Party, PartyRole, PriceMoveTold, Verdict } from "./Report.ts";
import type { Study } from "./Study.ts";

export interface PartyInputs {
  readonly study: Study;
  readonly actors: ReadonlySet<Address>;
  readonly losses: readonly HolderLoss[];
  readonly moves: readonly PriceMoveTold[];
  readonly verdict: Verdict;
  /** Addresses that detectors named as harmed. */
  readonly harmed: ReadonlySet<Address>;
  readonly assets: Assets;
}

const roleNames: { readonly [role in PartyRole]: string } = {
  actor: "actor",
  victim: "victim",
  lender: "lender",
  pool: "pool",
  counterparty: "counterparty",
  recipient: "recipient",
  token: "token",
  supply: "minted and burned",
};
// In this order they are told.
const order: readonly PartyRole[] = [
  "actor",
  "victim",
  "recipient",
  "lender",
  "pool",
  "counterparty",
  "token",
  "supply",
];

/** Who took part and what each has more or less of: the actors as one, everybody else by address. */
export function partiesOf(inputs: PartyInputs): Party[] {
  const { study, actors, assets } = inputs;
  const flow = study.view.flow();
  const others = [...new Set([...flow.net.keys(), ...inputs.losses.map(({ holder }) => holder)])].filter(
    (a) => !actors.has(a),
  );
  const roles = others.map((address) => ({ address, role: roleOf(address, inputs) }));
  const guarded = new Set(study.examined.protect);
  const actor: Party = {
    id: "actor",
    role: "actor",
    name: inputs.verdict === "attack" ? "attacker" : "sender",
    addresses: [study.view.tx.from, ...[...actors].filter((a) => a !== study.view.tx.from)],
    ...sums(study, actors, inputs),
  };
  const rest = roles
    .map(
      ({ address, role }): Party => ({
        id: address,
        role,
        name: nameOf(address, guarded.has(address) && role === "counterparty" ? "protected" : roleNames[role], assets),
        addresses: [address],
        ...(guarded.has(address) ? { isProtected: true as const } : {}),
        ...sums(study, [address], inputs),
      }),
    )
    .filter(({ net, role }) => net.length > 0 || role === "victim");
  return [actor, ...rest.sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role) || b.net.length - a.net.length)];
}

function roleOf(address: Address, { study, losses, moves, verdict, harmed }: PartyInputs): PartyRole {
  if (address === zeroAddress) return "supply";
  const own = losses.filter(({ holder }) => holder === address);
  const isHarmed = own.some(({ isPaid }) => !isPaid) || (own.length > 0 && harmed.has(address));
  const lends = findFlashLoans(study.view).some(({ lender }) => lender === address);
  if (lends && !own.some(({ share }) => (share ?? 0) > 0.1)) return "lender";
  if (verdict === "attack" && isHarmed) return "victim";
  if (moves.some(({ pool }) => pool === address)) return "pool";
  if (own.length > 0) return "counterparty";
  return study.hasCode.has(address) ? "counterparty" : "recipient";
}

function nameOf(address: Address, called: string, assets: Assets): string {
  if (address === zeroAddress) return called;
  const token = assets.get(address);
  const short = shortAddress(address);
  if (token !== undefined && token.symbol !== short) return `${token.symbol} token`;
  return `${called} ${short}`;
}

function sums(study: Study, group: Iterable<Address>, { assets }: PartyInputs): Pick<Party, "net" | "worth"> {
  const net = [...netOfGroup(study.view.flow(), group)]
    .filter(([, amount]) => amount !== 0n)
    .map(([asset, amount]): AssetAmount => ({ asset, amount }))
    .sort((a, b) => Number(b.amount > 0n) - Number(a.amount > 0n));
  return { net, worth: worthOf(net, study, assets) };
}

/** The sum in the currency of the price source; null where it lacks one of them. */
function worthOf(net: readonly AssetAmount[], { examined }: Study, assets: Assets): number | null {
  const { prices } = examined;
  if (prices === undefined) return null;
  let sum = 0;
  for (const { asset, amount } of net) {
    const price = prices.prices.get(asset);
    if (price === undefined) return null;
    sum += (Number(amount) / 10 ** (assets.get(asset)?.decimals ?? 0)) * price;
  }
  return sum;
}
