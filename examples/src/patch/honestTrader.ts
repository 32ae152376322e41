// An honest person with an account of her own, who pays in, trades both ways and takes her money out: what a guard rule on
// the exchange has to leave alone.
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import type { Address, Hex } from "viem";
import { type Call, type ChainSession, execute, rpc, skipTime } from "../curie/ChainSession.ts";
import { suiteBuild } from "../reference/attackSuite.ts";
import { ask, callOf, director } from "../reference/Director.ts";
import { market } from "../reference/honestTraffic.ts";
import type { ReferenceWorld } from "../reference/ReferenceWorld.ts";

const usd = 1_000_000n;
const unit = 10n ** 18n;
const limits = { buys: 2n ** 128n - 1n, sells: 0n };
const trader = anvilAccount(9);
const money = 3_000n * usd;
const gas = 5_000_000n;

/** Pays in, buys, closes, sells, closes and leaves; each step in a block of its own. Needs makers. */
export async function tradeHonestly(session: ChainSession, world: ReferenceWorld): Promise<void> {
  const own = (name: string, args: readonly unknown[]): Call => ({ ...callOf(trader, world.perp, name, args), gas });
  await execute(
    session,
    [
      callOf(director, world.world, "grant", [trader.address, money, 0n]),
      callOf(trader, world.usd, "approve", [world.perp.address, 2n ** 256n - 1n]),
    ],
    "her money",
  );
  await execute(session, [own("deposit", [2_000n * usd]), own("addMargin", [market, 1_500n * usd])], "her margin");
  for (const size of [unit, -unit]) {
    await open(session, world, size);
    await execute(session, [own("closePosition", [market, size > 0n ? 0n : limits.buys])], "her way out");
  }
  await execute(session, [own("removeMargin", [market, 500n * usd]), own("withdraw", [700n * usd])], "her money back");
}

async function open(session: ChainSession, world: ReferenceWorld, size: bigint): Promise<void> {
  const { perp } = world;
  const limit = size > 0n ? limits.buys : limits.sells;
  const [receipt] = await execute(session, [callOf(trader, perp, "requestOrder", [market, size, limit])], "her order");
  const id = await orderOf(session, receipt!.transactionHash, perp.address);
  await skipTime(session, 12);
  await execute(session, [callOf(director, world.world, "refresh")], "prices");
  const buffer = { abi: suiteBuild("LatencyBuffer").abi, address: await ask<Address>(session, world.world, "buffer") };
  const round = await ask<bigint>(session, buffer, "firstRound", [id]);
  const order = { trader: trader.address, market, size, limit };
  await execute(session, [callOf(director, perp, "executeOrder", [id, order, round])], "her order's execution");
}

async function orderOf(session: ChainSession, hash: Hex, perp: Address): Promise<Hex> {
  const method = "eth_getTransactionReceipt";
  const { logs } = await rpc<{ logs: { address: Hex; topics: Hex[] }[] }>(session.client, method, [hash]);
  return logs.filter((log) => log.address === perp).at(-1)!.topics[1]!;
}
