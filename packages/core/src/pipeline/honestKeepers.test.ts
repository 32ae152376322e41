// Business of keepers, bots and deployers that was told as critical once: vaults that move their liquidity, shares that are
// burned, loans that a sender asks for himself, callbacks of lenders, contracts that are made and gone in one transaction.
import { expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr, frame } from "../model/detectorCase.testkit.ts";
import type { Address } from "../model/Hex.ts";
import {
  approve,
  bot,
  call,
  create,
  look,
  pay,
  pull,
  send,
  severityOf,
  swap2,
  swap3,
  tx,
  unit,
  unwrap,
  usd,
  user,
  weth,
} from "./trees.testkit.ts";

const place = (n: number): Address => addr(0x8a70 + n);
const [vault, pool, manager, lender, adapter] = [place(0), place(1), place(2), place(3), place(4)];
const [token, reserve, store, receipt, bundler] = [place(5), place(6), place(7), place(8), place(9)];

const each = (count: number, inside: (who: Address) => CallFrame | readonly CallFrame[]) =>
  Array.from({ length: count }, (_, i) => inside(place(0x100 + i))).flat();
const destroy = (who: Address, to: Address) => frame({ type: "SELFDESTRUCT", from: who, to, input: "0x" });

/** A vault takes its liquidity out of a pool, trades a part, and puts it in again within another range. */
const rebalance = call(
  user,
  manager,
  "0x3da9b9d0",
  [vault],
  [
    call(
      manager,
      vault,
      "0x8712e497",
      [1n],
      [
        call(vault, pool, "0xa34123a7", [1n, 2n, unit]),
        call(vault, pool, "0x4f1eb3d8", [vault], [send(usd, pool, vault, unit), send(weth, pool, vault, unit)]),
        swap3(vault, pool, [weth, unit / 10n], [usd, unit / 10n]),
        call(
          vault,
          pool,
          "0x3c8a7d8d",
          [vault, 1n, 2n, unit],
          [
            call(
              pool,
              vault,
              "0xd3487997",
              [unit, unit, 96n, 0n],
              [send(usd, vault, pool, unit), send(weth, vault, pool, unit / 2n)],
            ),
          ],
        ),
      ],
    ),
  ],
);

/** A staked token is burned: what it has not at hand it asks its pool for, which pays it out of its store. */
const burn = tx(bot, "0xdb006a75", [
  pull(token, bot, user, bot, unit),
  call(
    bot,
    token,
    "0x42966c68",
    [unit],
    [
      call(
        token,
        reserve,
        "0x63a5db9e",
        [unit],
        [
          call(
            reserve,
            store,
            "0x3bed33ce",
            [unit],
            [call(store, reserve, "0xc095415d", [], [], unit), call(reserve, token, "0x6c985a88", [], [], unit)],
          ),
        ],
      ),
      pay(token, bot, unit),
    ],
  ),
  pay(bot, user, unit),
]);

/** The sender asks the lender himself for a loan to a public adapter, which pays his debt with his collateral. */
const payOut = call(lender, receipt, "0x4efecaa5", [adapter, unit], [send(weth, receipt, adapter, unit)]);
const repayWithCollateral = call(
  user,
  lender,
  "0x42b0b77c",
  [adapter, weth, unit, 160n, 0n, 0n],
  [
    payOut,
    call(
      lender,
      adapter,
      "0x1b11d0ff",
      [weth, unit, 0n, user, 160n, 0n],
      [
        send(weth, adapter, pool, unit),
        swap2(adapter, pool, usd, adapter, unit),
        approve(usd, adapter, lender),
        call(adapter, lender, "0x573ade81", [usd, unit, 2n, user], [pull(usd, lender, adapter, store, unit)]),
        pull(receipt, adapter, user, adapter, unit),
        call(adapter, lender, "0x69328dec", [weth, unit, adapter], [payOut]),
        approve(weth, adapter, lender),
      ],
    ),
    pull(weth, lender, adapter, receipt, unit),
  ],
);

/** A bundler has an adapter borrow, which calls it back to go on, and the adapter after it. */
const bundle = call(
  user,
  bundler,
  "0x374f435d",
  [1n],
  [
    call(
      bundler,
      adapter,
      "0xe2975912",
      [usd, unit],
      [
        call(
          adapter,
          lender,
          "0xe0232b42",
          [usd, unit, 96n, 0n],
          [
            send(usd, lender, adapter, unit),
            call(
              lender,
              adapter,
              "0x31f57072",
              [unit, 64n, 0n],
              [
                call(
                  adapter,
                  bundler,
                  "0x803a7fba",
                  [1n],
                  [
                    call(
                      bundler,
                      adapter,
                      "0x4d5fcf68",
                      [usd],
                      [call(adapter, lender, "0x20b76e81", [usd, unit], [pull(usd, lender, adapter, lender, unit)])],
                    ),
                    call(
                      bundler,
                      adapter,
                      "0x1af3bbc6",
                      [weth],
                      [call(adapter, lender, "0x8720316d", [weth, unit], [send(weth, lender, adapter, unit)])],
                    ),
                    call(
                      bundler,
                      adapter,
                      "0xcce7ec13",
                      [usd],
                      [
                        swap3(adapter, pool, [weth, (unit * 19n) / 20n], [usd, unit]),
                        send(weth, adapter, user, unit / 20n),
                      ],
                    ),
                  ],
                ),
              ],
            ),
            pull(usd, lender, adapter, lender, unit),
          ],
        ),
      ],
    ),
  ],
);

/** A debt is paid in the callback that its lender makes first. */
const closeByCallback = tx(bot, "0x43d726d6", [
  call(
    bot,
    lender,
    "0x20b76e81",
    [usd, unit],
    [
      call(
        lender,
        bot,
        "0x05b4591c",
        [unit, 64n, 0n],
        [
          call(bot, lender, "0x8720316d", [weth, unit], [send(weth, lender, bot, unit)]),
          swap3(bot, pool, [weth, (unit * 19n) / 20n], [usd, unit]),
          approve(usd, bot, lender),
        ],
      ),
      pull(usd, lender, bot, lender, unit),
    ],
  ),
  unwrap(bot, unit / 2n),
  pay(bot, user, unit / 2n),
]);

const cases: Record<string, CallFrame> = {
  "a vault moves its liquidity": rebalance,
  "a staked token is burned": burn,
  "a sender asks for a loan to a public adapter": repayWithCollateral,
  "a bundler is called back by the adapter that it had borrow": bundle,
  "a debt is closed in its lender's callback": closeByCallback,
  "a script deploys, wires what it made, and is gone": frame({
    type: "CREATE",
    from: user,
    to: bot,
    input: "0x60806040",
    calls: [
      ...each(5, (who) => create(bot, who)),
      ...each(5, (who) => call(bot, who, "0xc4d66de8", [token])),
      ...each(5, (who) => call(who, token, "0xf2fde38b", [who])),
      destroy(bot, user),
    ],
  }),
  "an exchange collects what customers paid in, by contracts that forward it and are gone": tx(
    bot,
    "0x11",
    each(25, (who) => [
      frame({
        type: "CREATE2",
        from: bot,
        to: who,
        input: "0x60806040",
        calls: [look(usd, who, who, unit), send(usd, who, place(0x50), unit), destroy(who, bot)],
      }),
    ]),
  ),
  "many wallets mint one piece each": tx(
    bot,
    "0x11",
    each(20, (who) => [
      frame({ type: "CREATE", from: bot, to: who, input: "0x60806040", calls: [call(who, token, "0x1249c58b")] }),
      call(bot, who, "0x9a1b2c3d", [user], [destroy(who, bot)]),
    ]),
  ),
  "a bot buys and sells for volume, at a loss": tx(bot, "0x11", [
    ...each(10, () => [
      send(weth, bot, pool, unit),
      swap2(bot, pool, token, bot, unit),
      send(token, bot, pool, unit),
      swap2(bot, pool, weth, bot, (unit * 99n) / 100n),
    ]),
  ]),
};

test.each(Object.entries(cases))("behavior: %s: not critical", async (_, trace) => {
  expect(await severityOf(trace)).not.toBe("critical");
});

test("behavior: what circumstances alone are worth is never more than medium", async () => {
  const many = cases["many wallets mint one piece each"]!;
  expect(await severityOf(many)).toBe("medium");
});
