// More business of every day, of the kinds that look most like an attack: loans, launches, dumps, bundles, bots.
import { expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr, frame } from "../model/detectorCase.testkit.ts";
import { type Address, toWord } from "../model/Hex.ts";
import {
  approve,
  bot,
  call,
  cow,
  create,
  dai,
  judged,
  lend,
  look,
  pay,
  pull,
  send,
  swap2,
  swap3,
  tx,
  unit,
  unwrap,
  usd,
  user,
  weth,
  wrap,
} from "./trees.testkit.ts";

const [poolA, poolB, poolC, lender, router, aave, aWeth, nft, maker] = [
  0xa11, 0xa12, 0xa13, 0xa14, 0xa15, 0xa16, 0xa17, 0xa18, 0xa19,
].map((n) => addr(n + 0xeee000)) as Address[] as [
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
];
const reserves = (by: Address, pair: Address, a: bigint, b: bigint) =>
  frame({
    type: "STATICCALL",
    from: by,
    to: pair,
    input: "0x0902f1ac",
    output: `0x${toWord(a)}${toWord(b)}${toWord(1n)}`,
  });
const swapDown = (by: Address, token: Address, amount: bigint, left: bigint) =>
  call(
    by,
    poolA,
    "0x022c0d9f",
    [amount, 0n, by, 128n, 0n],
    [send(token, poolA, by, amount), look(token, poolA, poolA, left)],
  );
const supply = (by: Address, amount: bigint) =>
  call(by, aave, "0x617ba037", [weth, amount, by, 0n], [pull(weth, aave, by, aWeth, amount)]);
const borrow = (by: Address, amount: bigint) =>
  call(
    by,
    aave,
    "0xa415bcad",
    [dai, amount],
    [call(aave, addr(0xada9), "0x4efecaa5", [], [send(dai, addr(0xada9), by, amount)])],
  );

const honest: Record<string, CallFrame> = {
  "a leveraged position opened with a flash loan": tx(bot, "0x11", [
    pull(weth, bot, user, bot, unit),
    lend(bot, lender, weth, 3n * unit, [
      supply(bot, 4n * unit),
      borrow(bot, 7500n * unit),
      swap3(bot, poolA, [dai, 7500n * unit], [weth, 3n * unit]),
    ]),
  ]),
  "a leveraged position opened by a flash swap": tx(bot, "0x11", [
    call(
      bot,
      poolA,
      "0x022c0d9f",
      [unit, 0n, bot, 128n, 32n],
      [
        send(weth, poolA, bot, unit),
        call(
          poolA,
          bot,
          "0x10d1e85c",
          [bot, unit, 0n],
          [supply(bot, unit), borrow(bot, 1500n * unit), send(dai, bot, poolA, 1500n * unit)],
        ),
      ],
    ),
  ]),
  "a launch with liquidity in the constructor": create(user, addr(0x70c9), [
    call(addr(0x70c9), router, "0xc9c65396", [addr(0x70c9), weth], [create(router, poolC)]),
    approve(addr(0x70c9), addr(0x70c9), router),
    call(
      addr(0x70c9),
      router,
      "0xf305d719",
      [],
      [
        pull(addr(0x70c9), router, addr(0x70c9), poolC, 10n ** 6n * unit),
        wrap(router, unit),
        send(weth, router, poolC, unit),
        call(router, poolC, "0x6a627842", [user], []),
      ],
      unit,
    ),
  ]),
  "a fresh pool that is sniped to nine tenths": tx(bot, "0x11", [
    send(weth, bot, poolA, 20n * unit),
    swapDown(bot, cow, 950n * unit, 50n * unit),
  ]),
  "a reward that is dumped into a thin pool": tx(bot, "0x11", [
    send(cow, bot, poolA, 900n * unit),
    swapDown(bot, weth, 19n * unit, unit),
    unwrap(bot, 19n * unit),
    pay(bot, user, 19n * unit),
  ]),
  "arbitrage by a flash loan that restores a crushed pool": tx(bot, "0x11", [
    lend(bot, lender, weth, 100n * unit, [
      send(weth, bot, poolA, 100n * unit),
      swapDown(bot, cow, 950n * unit, 50n * unit),
      send(cow, bot, poolB, 950n * unit),
      swap2(bot, poolB, weth, bot, 130n * unit),
    ]),
  ]),
  "arbitrage over three pools by callbacks in callbacks": tx(bot, "0x11", [
    call(
      bot,
      poolA,
      "0x128acb08",
      [bot, 1n, unit, 0n, 160n, 0n],
      [
        send(usd, poolA, bot, 2500n * unit),
        call(
          poolA,
          bot,
          "0xfa461e33",
          [unit, 0n, 96n, 0n],
          [
            call(
              bot,
              poolB,
              "0x128acb08",
              [bot, 1n, 2500n * unit, 0n, 160n, 0n],
              [
                send(dai, poolB, bot, 2501n * unit),
                call(
                  poolB,
                  bot,
                  "0x23a69e75",
                  [unit, 0n, 96n, 0n],
                  [
                    swap3(bot, poolC, [dai, 2501n * unit], [weth, (101n * unit) / 100n]),
                    send(usd, bot, poolB, 2500n * unit),
                  ],
                ),
              ],
            ),
            send(weth, bot, poolA, unit),
          ],
        ),
      ],
    ),
  ]),
  "the back part of a sandwich": tx(bot, "0x11", [
    send(cow, bot, poolA, 100n * unit),
    swap2(bot, poolA, weth, bot, 2n * unit),
  ]),
  "liquidity that is removed and asked for": tx(router, "0xbaa2abde", [
    reserves(router, poolA, 1000n * unit, 1000n * unit),
    pull(poolA, router, user, poolA, unit),
    call(
      router,
      poolA,
      "0x89afcb44",
      [user],
      [send(cow, poolA, user, 999n * unit), send(weth, poolA, user, 999n * unit)],
    ),
    reserves(router, poolA, unit, unit),
  ]),
  "an empty pair that is asked twice and filled": tx(bot, "0x11", [
    reserves(bot, poolA, 0n, 0n),
    reserves(bot, poolA, 0n, 0n),
    send(cow, bot, poolA, unit),
    send(weth, bot, poolA, unit),
    call(bot, poolA, "0x6a627842", [bot]),
  ]),
  "a rebase that tells its pair": tx(maker, "0x11", [
    call(maker, cow, "0x7a43e23f", [1n, 2n]),
    reserves(maker, poolA, 1000n * unit, 1000n * unit),
    call(maker, poolA, "0xfff6cae9", []),
    reserves(maker, poolA, 900n * unit, 1000n * unit),
  ]),
  "ten items swept from a market": tx(
    router,
    "0x11",
    Array.from({ length: 10 }, (_, i) => [
      call(router, nft, "0x23b872dd", [maker, user, BigInt(i)]),
      pay(router, maker, unit),
    ]).flat(),
    10n * unit,
  ),
  "an item that is bought from a loan's collateral and paid": tx(
    lender,
    "0x11",
    [call(lender, nft, "0x42842e0e", [lender, user, 7n]), pay(lender, maker, 5n * unit)],
    5n * unit,
  ),
  "a bridge that mints to a receiver": tx(lender, "0x11", [call(lender, cow, "0x40c10f19", [maker, 1000n * unit])]),
  "a bridge withdrawal that is swapped for the receiver": tx(router, "0x11", [
    call(router, lender, "0x11223344", [], [send(usd, lender, router, 2500n * unit)]),
    send(usd, router, poolA, 2500n * unit),
    swap2(router, poolA, weth, router, unit),
    unwrap(router, unit),
    pay(router, user, unit),
  ]),
  "a zap into a vault": tx(
    router,
    "0x11",
    [
      wrap(router, unit),
      send(weth, router, poolA, unit),
      swap2(router, poolA, usd, router, 2500n * unit),
      call(router, lender, "0x6e553f65", [2500n * unit, user], [pull(usd, lender, router, lender, 2500n * unit)]),
      send(lender, router, user, 2400n * unit),
    ],
    unit,
  ),
  "a bundle of two wallets": tx("0x0000000071727de22e5e9d8baf0edac6f37da032", "0x765e827f", [
    ...[addr(0x3a1), addr(0x3a2)].map((wallet) =>
      call(
        "0x0000000071727de22e5e9d8baf0edac6f37da032",
        wallet,
        "0xb61d27f6",
        [],
        [call(wallet, lender, "0x3d18b912", [], [send(cow, lender, wallet, unit)]), send(usd, wallet, maker, unit)],
      ),
    ),
    pay("0x0000000071727de22e5e9d8baf0edac6f37da032", user, unit / 100n),
  ]),
  "rewards claimed by a wallet, sold and put back": tx(bot, "0x11", [
    ...Array.from({ length: 5 }, () => call(bot, lender, "0x3d18b912", [], [send(cow, lender, bot, unit)])),
    send(cow, bot, poolA, 5n * unit),
    swap2(bot, poolA, weth, bot, unit),
    supply(bot, unit),
  ]),
  "a liquidation by a flash swap whose collateral is sold": tx(bot, "0x11", [
    call(
      bot,
      poolA,
      "0x022c0d9f",
      [1000n * unit, 0n, bot, 128n, 32n],
      [
        send(dai, poolA, bot, 1000n * unit),
        call(
          poolA,
          bot,
          "0x84800812",
          [bot, 1000n * unit, 0n],
          [
            call(
              bot,
              aave,
              "0x00a718a9",
              [weth, dai, maker, 1000n * unit, 0n],
              [pull(dai, aave, bot, addr(0xada9), 1000n * unit), send(weth, aWeth, bot, unit)],
            ),
            send(weth, bot, poolA, (9n * unit) / 10n),
          ],
        ),
      ],
    ),
  ]),
  "an operator that is approved for a collection": tx(router, "0x11", [call(router, nft, "0xa22cb465", [lender, 1n])]),
};

test.each(Object.entries(honest))("CAT-01 (look-alike): %s is not critical", async (_, trace) => {
  const { severity, findings } = await judged(trace);
  expect([severity === "critical", findings]).toEqual([false, findings]);
});
