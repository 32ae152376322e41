import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import type { Address, Hex, LocalAccount } from "viem";
import { maxUint256 } from "viem";
import { decodeEventLog } from "viem/utils";
import { type Call, type ChainSession, execute, rpc } from "../curie/ChainSession.ts";
import { createRandom } from "../curie/Random.ts";
import { callOf, director } from "./Director.ts";
import { market } from "./honestTraffic.ts";
import type { ReferenceWorld } from "./ReferenceWorld.ts";

/** People with accounts of their own at the exchange, who trade against its makers. */
export type TraderCrowd = {
  readonly traders: readonly LocalAccount[];
  readonly keeper: LocalAccount;
  /** How many of them ask for a trade in a slot. */
  readonly perSlot: number;
  /** Requests that nobody has executed yet. */
  readonly orders: PendingOrder[];
  /** What each trader holds, once his orders are executed; whole hundredths of the base. */
  readonly sizes: Map<Address, number>;
};

type Order = { readonly trader: Address; readonly market: Hex; readonly size: bigint; readonly limit: bigint };
type PendingOrder = { readonly id: Hex; readonly order: Order };

const usd = 1_000_000n;
const noLimit = { buys: 2n ** 128n - 1n, sells: 0n };
const hundredth = 10n ** 16n;

/** Opens accounts for `count` traders, each with 3,000 of margin; nobody holds a position yet. */
export async function openCrowd(
  session: ChainSession,
  world: ReferenceWorld,
  count: number,
  perSlot = 8,
): Promise<TraderCrowd> {
  const at = (addressIndex: number) => anvilAccount(addressIndex, { accountIndex: 11 });
  const keeper: LocalAccount = at(0);
  const traders: LocalAccount[] = Array.from({ length: count }, (_, i) => at(i + 1));
  for (const { address } of [keeper, ...traders])
    await rpc(session.client, "anvil_setBalance", [address, "0x3635c9adc5dea00000"]);
  const money = 4_000n * usd;
  await execute(
    session,
    traders.flatMap((trader) => [
      callOf(director, world.world, "grant", [trader.address, money, 0n]),
      callOf(trader, world.usd, "approve", [world.perp.address, maxUint256]),
    ]),
    "the crowd's money",
  );
  await execute(
    session,
    traders.flatMap((trader) => [
      callOf(trader, world.perp, "deposit", [money]),
      callOf(trader, world.perp, "addMargin", [market, 3_000n * usd]),
    ]),
    "the crowd's margin",
  );
  return { traders, keeper, perSlot, orders: [], sizes: new Map() };
}

/** A request of `trader` for `hundredths` of the base, positive to buy. */
export function requestBy(world: ReferenceWorld, trader: LocalAccount, hundredths: number): Call {
  const limit = hundredths > 0 ? noLimit.buys : noLimit.sells;
  return callOf(trader, world.perp, "requestOrder", [market, BigInt(hundredths) * hundredth, limit]);
}

/**
 * A slot of honest trading: the price goes a little up or down, the keeper executes what was asked for in the slot before,
 * and some ask for more, each either way, nobody for more than 1.2 of the base in all. Money goes in and out.
 */
export function planCrowd(crowd: TraderCrowd, world: ReferenceWorld, slot: number, seed: number): Call[] {
  const random = createRandom(seed * 100_003 + slot);
  const executions = crowd.orders.splice(0).map((pending) => executeBy(world, crowd.keeper, pending));
  const priceWad =
    2_000n * 10n ** 18n + BigInt(Math.round(6 * Math.sin(slot / 9) + random.between(-3, 3))) * 10n ** 18n;
  const people = pickSome(crowd.traders, crowd.perSlot, random.between);
  const requests = people.map((trader) => {
    const held = crowd.sizes.get(trader.address) ?? 0;
    // Towards the middle when far from it, else either way.
    const wanted = random.between(10, 60) * (random.between(0, 1) === 0 ? 1 : -1);
    const size = Math.abs(held + wanted) > 120 ? -wanted : wanted;
    crowd.sizes.set(trader.address, held + size);
    return requestBy(world, trader, size);
  });
  const mover = random.pick(crowd.traders);
  return [
    callOf(director, world.world, "setHonest", [priceWad]),
    ...executions,
    ...requests,
    callOf(mover, world.perp, "addMargin", [market, BigInt(random.between(1, 20)) * usd]),
    callOf(director, world.perp, "settleFunding", [market]),
  ];
}

/** The keeper executes an order at the price of now. */
export function executeBy(world: ReferenceWorld, keeper: LocalAccount, { id, order }: PendingOrder): Call {
  return callOf(keeper, world.perp, "executeOrder", [id, order, 1n]);
}

/** Notes the requests among `hashes`, to be executed later. */
export async function noteRequests(
  session: ChainSession,
  crowd: TraderCrowd,
  world: ReferenceWorld,
  hashes: readonly Hex[],
): Promise<void> {
  type Logs = { readonly logs: readonly { readonly topics: [Hex, ...Hex[]]; readonly data: Hex }[] } | null;
  const receipts = await Promise.all(hashes.map((h) => rpc<Logs>(session.client, "eth_getTransactionReceipt", [h])));
  for (const { topics, data } of receipts.flatMap((receipt) => receipt?.logs ?? [])) {
    try {
      const { eventName, args } = decodeEventLog({ abi: world.perp.abi, topics, data });
      if (eventName === "OrderRequested") crowd.orders.push(args as unknown as PendingOrder);
    } catch {
      // Another contract's event.
    }
  }
}

function pickSome<T>(from: readonly T[], count: number, between: (least: number, most: number) => number): T[] {
  const left = [...from];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(between(0, left.length - 1), 1)[0]!);
}
