// Business that one party does for many others, or with contracts that hold the money of many markets.
import { expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr } from "../model/detectorCase.testkit.ts";
import type { Address } from "../model/Hex.ts";
import {
  bot,
  call,
  cow,
  lend,
  look,
  pay,
  pull,
  send,
  severityOf,
  swap2,
  tx,
  unit,
  usd,
  user,
  weth,
} from "./trees.testkit.ts";

const [alice, bruno, pool, vault, fees, poolB] = [0xacc0a1, 0xacc0b1, 0x9003, 0x6a7a17, 0xfee7, 0x9a11bb].map((n) =>
  addr(n + 0x1000000),
) as [Address, Address, Address, Address, Address, Address];
const entryPoint: Address = "0x0000000071727de22e5e9d8baf0edac6f37da032";
const balancer: Address = "0xba12222222228d8ba445958a75a0704d566bf2c8";
type Side = readonly [token: Address, amount: bigint];

const sale: readonly [Side, Side] = [
  [usd, 3000n * unit],
  [weth, unit],
];
const purchase: readonly [Side, Side] = [
  [weth, 2n * unit],
  [usd, 5980n * unit],
];

const operation = (account: Address, [[paid, amountIn], [got, amountOut]]: readonly [Side, Side]) =>
  call(
    entryPoint,
    account,
    "0xb61d27f6",
    [],
    [
      call(
        account,
        pool,
        "0x128acb08",
        [account, 1n, amountIn, 0n, 160n, 0n],
        [
          send(got, pool, account, amountOut),
          call(pool, account, "0xfa461e33", [amountIn, 0n, 96n, 0n], [send(paid, account, pool, amountIn)]),
        ],
      ),
    ],
  );
const order = (by: Address, who: Address, [[paid, amountIn], [got, amountOut]]: readonly [Side, Side]) =>
  call(
    by,
    fees,
    "0x5b88e8c6",
    [user],
    [
      send(paid, fees, vault, amountIn),
      call(fees, vault, "0x93316212", [paid, got, who], [send(got, vault, who, amountOut)]),
      pay(fees, user, unit / 300n),
    ],
  );
const inBalancer = ([paid, amountIn]: Side, [got, amountOut]: Side) =>
  call(
    bot,
    balancer,
    "0x52bbbe29",
    [224n, bot],
    [pull(paid, balancer, bot, balancer, amountIn), send(got, balancer, bot, amountOut)],
  );
const gauges = Array.from({ length: 8 }, (_, i) => addr(0x6a0000 + i));
const claimants = Array.from({ length: 30 }, (_, i) => addr(0x9e0000 + i));

const honest: Record<string, CallFrame> = {
  "a bundle of two people's opposite swaps": tx(entryPoint, "0x765e827f", [
    operation(alice, sale),
    operation(bruno, purchase),
    pay(entryPoint, user, unit / 300n),
  ]),
  "two people's opposite orders that a keeper executes for fees": tx(bot, "0x9a208100", [
    order(bot, alice, sale),
    order(bot, bruno, purchase),
  ]),
  "arbitrage between two pools of one vault": tx(bot, "0x11223344", [
    inBalancer([weth, 10n * unit], [usd, 30_000n * unit]),
    inBalancer([usd, 30_000n * unit], [weth, 10n * unit + unit / 50n]),
  ]),
  "thirty claims that a keeper pays out of a distributor, which ends empty": tx(
    bot,
    "0x1a2b3c4d",
    claimants.map((who, i) =>
      call(
        bot,
        vault,
        "0x2e7ba6ef",
        [BigInt(i), who, unit],
        [look(usd, vault, vault, unit * BigInt(30 - i)), send(usd, vault, who, unit)],
      ),
    ),
  ),
  "a voter that collects the fees of eight gauges": tx(
    bot,
    "0x11aa22bb",
    gauges.map((gauge) =>
      call(bot, gauge, "0xb66503cf", [usd, unit], [look(usd, gauge, gauge, unit), send(usd, gauge, bot, unit)]),
    ),
  ),
  "a large arbitrage with a flash loan and a sync": tx(bot, "0x11223344", [
    lend(bot, balancer, weth, 10n * unit, [
      call(bot, pool, "0xfff6cae9"),
      send(weth, bot, pool, 10n * unit),
      swap2(bot, pool, cow, poolB, 1000n * unit),
      swap2(bot, poolB, weth, bot, 11n * unit + unit / 5n),
    ]),
    send(weth, bot, user, unit),
  ]),
};

test.each(Object.entries(honest))("CAT-01 (look-alike): %s is not critical", async (_, trace) => {
  expect(await severityOf(trace)).not.toBe("critical");
});

test("behavior: the same two legs for one party bend a price, whoever calls for it", async () => {
  const bent = tx(bot, "0x9a208100", [
    send(usd, bot, pool, 9n * unit),
    swap2(bot, pool, weth, bot, unit),
    call(bot, vault, "0x11223344", [], [send(cow, vault, bot, unit)]),
    send(weth, bot, pool, unit),
    swap2(bot, pool, usd, bot, 9n * unit),
  ]);
  expect(await severityOf(bent)).toBe("critical");
});
