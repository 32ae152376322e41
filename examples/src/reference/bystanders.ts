import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import type { Shown } from "testudo/drill/Scenario";
import type { Address, Hex, LocalAccount } from "viem";
import { type Call, type ChainSession, execute, readReceipts, rpc, skipTime, submit } from "../curie/ChainSession.ts";
import { suiteBuild } from "./attackSuite.ts";
import { ask, callOf, director, type Standing } from "./Director.ts";
import { market } from "./honestTraffic.ts";
import type { ReferenceWorld } from "./ReferenceWorld.ts";

const usd = 1_000_000n;
const base = 10n ** 18n;
const ends = { buys: 2n ** 128n - 1n, sells: 0n };

// Honest people with accounts of their own: one well covered, and one on each side of the market with 11 % of margin,
// who may be liquidated when the price has gone 7 % against them.
const covered = { account: anvilAccount(4), size: base, margin: 1_000n * usd };
const weakLong = { account: anvilAccount(5), size: 2n * base, margin: 440n * usd };
const weakShort = { account: anvilAccount(6), size: -2n * base, margin: 440n * usd };

type Bystander = typeof covered;

// As the worlds have them, and a little more.
const jumpWindow = 660;
const twapWindow = 1_860;
const honestKeepers = 0;

/** Lets the bystanders open their positions. Needs makers, and the ways in to be live. */
export async function openBystanders(session: ChainSession, world: ReferenceWorld): Promise<void> {
  for (const person of [covered, weakLong, weakShort]) await open(session, world, person);
}

async function open(session: ChainSession, world: ReferenceWorld, { account, size, margin }: Bystander): Promise<void> {
  const { perp, usd: token } = world;
  const own = (to: Standing, name: string, args: readonly unknown[]) => callOf(account, to, name, args);
  const limit = size > 0n ? ends.buys : ends.sells;
  await execute(session, [callOf(director, world.world, "grant", [account.address, 2n * margin, 0n])], "their money");
  const receipts = await execute(
    session,
    [
      own(token, "approve", [perp.address, 2n ** 256n - 1n]),
      own(perp, "deposit", [margin + usd]),
      own(perp, "addMargin", [market, margin]),
      own(perp, "requestOrder", [market, size, limit]),
    ],
    "a bystander's order",
  );
  const id = await orderOf(session, receipts.at(-1)!.transactionHash, perp);
  await skipTime(session, 12);
  await execute(session, [callOf(director, world.world, "refresh")], "prices");
  const buffer = { abi: suiteBuild("LatencyBuffer").abi, address: await ask<Address>(session, world.world, "buffer") };
  const round = await ask<bigint>(session, buffer, "firstRound", [id]);
  const order = { trader: account.address, market, size, limit };
  await execute(session, [callOf(director, perp, "executeOrder", [id, order, round])], "a bystander's execution");
}

async function orderOf(session: ChainSession, hash: Hex, perp: Standing): Promise<Hex> {
  const method = "eth_getTransactionReceipt";
  const { logs } = await rpc<{ logs: { address: Hex; topics: Hex[] }[] }>(session.client, method, [hash]);
  return logs.filter((log) => log.address === perp.address).at(-1)!.topics[1]!;
}

/** Real calls that must work under every pause: paying in, closing, and, once the price has moved, liquidation. */
export async function showWaysOut(session: ChainSession, world: ReferenceWorld): Promise<Shown[]> {
  const { perp } = world;
  const shown = [
    await show(session, world, "deposit", callOf(covered.account, perp, "deposit", [usd])),
    await show(session, world, "closePosition", callOf(covered.account, perp, "closePosition", [market, 0n])),
  ];
  await settlePrices(session, world);
  // A fall that no rule of jumps holds up: in steps, each a window of the oracle's later.
  const start = await ask<bigint>(session, world.world, "honestWad");
  for (const part of [965n, 930n])
    await later(session, jumpWindow, [callOf(director, world.world, "setHonest", [(start * part) / 1_000n])]);
  const weak = await leastCovered(session, perp, [weakLong.account, weakShort.account]);
  const call = callOf(director, perp, "liquidate", [weak.address, market, 2n ** 255n]);
  return [...shown, await show(session, world, "liquidate", call)];
}

// Whatever the story did to them, the feeds' keepers are honest again, and the mean price has come up with the others'.
async function settlePrices(session: ChainSession, world: ReferenceWorld): Promise<void> {
  for (const name of ["feedA", "feedB"]) {
    const feed = await ask<Address>(session, world.world, name);
    await later(session, jumpWindow, [callOf(director, world.world, "setKeepers", [feed, honestKeepers, 0n])]);
  }
  for (let i = 0; i < 3; i++) await later(session, twapWindow, [callOf(director, world.world, "refresh")]);
}

async function later(session: ChainSession, seconds: number, calls: readonly Call[]): Promise<void> {
  const block = await session.client.getBlock({ blockTag: "latest" });
  await rpc(session.client, "evm_setNextBlockTimestamp", [Number(block.timestamp) + seconds]);
  await submit(session, calls);
  await session.mine();
}

async function leastCovered(
  session: ChainSession,
  perp: Standing,
  people: readonly LocalAccount[],
): Promise<LocalAccount> {
  const excess = await Promise.all(
    people.map(({ address }) => ask<{ excess: bigint }>(session, perp, "accountHealth", [address, market])),
  );
  return people.reduce((least, person, i) =>
    excess[i]!.excess < excess[people.indexOf(least)]!.excess ? person : least,
  );
}

async function show(session: ChainSession, world: ReferenceWorld, name: string, call: Call): Promise<Shown> {
  const [, hash] = await submit(session, [callOf(director, world.world, "refresh"), call]);
  await session.mine();
  const [receipt] = await readReceipts(session, [hash!]);
  return { name, ok: receipt?.status === "0x1", txHash: hash! };
}
