import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import type { Address, LocalAccount } from "viem";

/** Everyone who acts in the drill. The keys are public: they are worth nothing outside a development chain. */
export type Cast = {
  readonly deployer: LocalAccount;
  /** Provide most of the depth, in a narrow range around the honest price. */
  readonly tightMakers: readonly LocalAccount[];
  /** The only depth away from the honest price: little, so that a pump is possible. */
  readonly wideMaker: LocalAccount;
  /** Add and remove small ranges all the time. */
  readonly smallMakers: readonly LocalAccount[];
  readonly keeper: LocalAccount;
  readonly arbitrageur: LocalAccount;
  /** Trades the spot market behind the index to its honest price. */
  readonly spotTrader: LocalAccount;
  readonly traders: readonly LocalAccount[];
  /** Account A takes the loss, account B the profit. */
  readonly attackerA: LocalAccount;
  readonly attackerB: LocalAccount;
};

const traderCount = 36;

let cast: Cast | undefined;

/**
 * The drill's accounts. They sit under account index 7 of the well-known test mnemonic, so they never share a nonce
 * with anvil's own ten accounts, which the caller's guardians may use.
 */
export function getCast(): Cast {
  cast ??= makeCast();
  return cast;
}

/** Parties whose money the attack may take: everyone with an account in the Vault but the two attackers. */
export function honestParties(cast: Cast): Address[] {
  const { tightMakers, wideMaker, smallMakers, keeper, arbitrageur, traders } = cast;
  return [...tightMakers, wideMaker, ...smallMakers, keeper, arbitrageur, ...traders].map((a) => a.address);
}

/** Every account of the cast, in a fixed order. */
export function everyone(cast: Cast): LocalAccount[] {
  return [
    cast.deployer,
    ...cast.tightMakers,
    cast.wideMaker,
    ...cast.smallMakers,
    cast.keeper,
    cast.arbitrageur,
    cast.spotTrader,
    cast.attackerA,
    cast.attackerB,
    ...cast.traders,
  ];
}

function makeCast(): Cast {
  const at = (addressIndex: number) => anvilAccount(addressIndex, { accountIndex: 7 });
  return Object.freeze({
    deployer: at(0),
    tightMakers: [at(1), at(2)],
    wideMaker: at(3),
    smallMakers: [at(4), at(5)],
    keeper: at(6),
    arbitrageur: at(7),
    spotTrader: at(8),
    attackerA: at(9),
    attackerB: at(10),
    traders: Array.from({ length: traderCount }, (_, i) => at(11 + i)),
  });
}
