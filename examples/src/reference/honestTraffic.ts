import { encodeFunctionData } from "viem/utils";
import type { Call } from "../curie/ChainSession.ts";
import { createRandom } from "../curie/Random.ts";
import { callOf, director, type Standing } from "./Director.ts";
import type { ReferenceWorld } from "./ReferenceWorld.ts";

/** A call by honest people, and what a person would call it. */
export type HonestCall = { readonly label: string; readonly call: Call };

export const market = `0x${Buffer.from("BASE/USD").toString("hex").padEnd(64, "0")}` as const;
const usd = 1_000_000n;
// Ten times what the dearest of them takes. A capsule of many slots has to stay within its bound of gas.
const honestGas = 5_000_000n;

/** What honest people do in `slot`: prices come in, money goes in and out of accounts and positions. */
export function planHonest(slot: number, seed: number, world: ReferenceWorld): HonestCall[] {
  const random = createRandom(seed * 1_000 + slot);
  const amount = BigInt(random.between(8, 40)) * usd;
  const { maker, longTrader, shortTrader, perp, usd: token, world: at } = world;
  const who = random.pick([longTrader, shortTrader]);
  const planned = [
    { label: "prices", call: callOf(director, at, "refresh") },
    { label: "money comes", call: callOf(director, at, "grant", [who.address, amount, 0n]) },
    { label: "deposit", call: by(world, who, perp, "deposit", [amount]) },
    { label: "add margin", call: by(world, who, perp, "addMargin", [market, amount / 2n]) },
    { label: "withdraw", call: by(world, who, perp, "withdraw", [amount / 4n]) },
    { label: "settle funding", call: callOf(director, perp, "settleFunding", [market]) },
    { label: "payment", call: by(world, who, token, "transfer", [maker.address, amount / 8n]) },
  ];
  return planned.map(({ label, call }) => ({ label, call: { ...call, gas: honestGas } }));
}

/** A call that the honest user `who` makes. */
export function by(
  { world }: ReferenceWorld,
  who: Standing,
  to: Standing,
  name: string,
  args: readonly unknown[],
): Call {
  const data = encodeFunctionData({ abi: to.abi, functionName: name, args: [...args] });
  return callOf(director, world, "direct", [who.address, to.address, data]);
}
