// Business of every day in the shapes that it has on chain: nothing of it is critical.
import { expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr, frame } from "../model/detectorCase.testkit.ts";
import type { Address } from "../model/Hex.ts";
import {
  approve,
  bot,
  call,
  cow,
  create,
  dai,
  delegate,
  judged,
  lend,
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

const [poolA, poolB, poolC, lender, router, wallet] = [0xa1, 0xa2, 0xa3, 0x1e4d, 0x40a7, 0x3a11e7].map((n) =>
  addr(n + 0xfff000),
) as [Address, Address, Address, Address, Address, Address];
const treasury = addr(0x77ea5);
const many = (n: number) => Array.from({ length: n }, (_, i) => addr(0x5ab00 + i));

const arbitrage = [
  swap3(bot, poolA, [weth, 100n * unit], [usd, 250_000n * unit]),
  send(usd, bot, poolB, 250_000n * unit),
  swap2(bot, poolB, weth, bot, 101n * unit),
];
/** A lending pool that keeps each asset at a token of its own, as Aave does. */
const [aave, aWeth, aDai] = [addr(0xaa4e), addr(0xa3e7), addr(0xada1)];
const repay = (by: Address) =>
  call(by, aave, "0x573ade81", [dai, 1000n * unit, 2n, by], [pull(dai, aave, by, aDai, 1000n * unit)]);
const withdraw = (by: Address, to: Address, amount: bigint) =>
  call(
    by,
    aave,
    "0x69328dec",
    [weth, amount, to],
    [call(aave, aWeth, "0xd7020d0a", [by, to, amount, 1n], [send(weth, aWeth, to, amount)])],
  );

const honest: Record<string, CallFrame> = {
  "a payment": pay(user, treasury, unit),
  "a token transfer": send(usd, user, treasury, unit),
  "a swap through a router": tx(router, "0x38ed1739", [
    pull(usd, router, user, poolA, unit),
    swap2(router, poolA, weth, user, unit),
  ]),
  "a sale for the native coin": tx(router, "0x18cbafe5", [
    pull(usd, router, user, poolA, 2500n * unit),
    swap2(router, poolA, weth, router, unit),
    unwrap(router, unit),
    pay(router, user, unit),
  ]),
  "a swap over two pools of one singleton vault": tx(router, "0x945bcec9", [
    pull(usd, router, user, lender, unit),
    send(cow, lender, user, unit),
  ]),
  "arbitrage with own capital": tx(bot, "0x11", arbitrage),
  "arbitrage with a flash loan": tx(bot, "0x11", [lend(bot, lender, weth, 100n * unit, arbitrage)]),
  "arbitrage with a flash loan whose gain is taken out as the coin": tx(bot, "0x11", [
    lend(bot, lender, weth, 100n * unit, arbitrage),
    unwrap(bot, unit),
    pay(bot, user, unit / 2n),
    pay(bot, treasury, unit / 2n),
  ]),
  "arbitrage by a flash swap over three pools": tx(bot, "0x11", [
    call(
      bot,
      poolA,
      "0x022c0d9f",
      [0n, 100n * unit, bot, 128n, 32n],
      [
        send(dai, poolA, bot, 100n * unit),
        call(
          poolA,
          bot,
          "0x10d1e85c",
          [bot, 0n, 100n * unit],
          [
            send(dai, bot, poolB, 100n * unit),
            swap2(bot, poolB, usd, poolC, 100n * unit),
            swap2(bot, poolC, weth, bot, 2n * unit),
            send(weth, bot, poolA, unit),
          ],
        ),
      ],
    ),
  ]),
  "the front part of a sandwich": tx(bot, "0x11", [
    send(weth, bot, poolA, unit),
    swap2(bot, poolA, cow, bot, 100n * unit),
  ]),
  "a liquidation with a flash loan": tx(bot, "0x11", [
    lend(bot, lender, dai, 1000n * unit, [
      call(
        bot,
        aave,
        "0x00a718a9",
        [weth, dai, treasury, 1000n * unit, 0n],
        [
          pull(dai, aave, bot, aDai, 1000n * unit),
          call(aave, aWeth, "0xd7020d0a", [treasury, bot, unit, 1n], [send(weth, aWeth, bot, unit)]),
        ],
      ),
      swap3(bot, poolA, [weth, unit], [dai, 1060n * unit]),
    ]),
    send(dai, bot, user, 60n * unit),
  ]),
  "a position closed with a flash loan by a wallet": tx(wallet, "0x1cff79cd", [
    lend(wallet, lender, dai, 1000n * unit, [
      repay(wallet),
      withdraw(wallet, wallet, 2n * unit),
      swap3(wallet, poolA, [weth, unit / 2n], [dai, 1001n * unit]),
    ]),
    unwrap(wallet, unit),
    pay(wallet, user, unit),
  ]),
  "a leveraged vault that is withdrawn from": tx(lender, "0x2e1a7d4d", [
    call(
      lender,
      wallet,
      "0x11223344",
      [],
      [
        lend(wallet, addr(0xba1), dai, 1000n * unit, [
          repay(wallet),
          withdraw(wallet, wallet, 2n * unit),
          swap3(wallet, poolA, [weth, unit], [dai, 1001n * unit]),
        ]),
        unwrap(wallet, unit),
        pay(wallet, lender, unit),
      ],
    ),
    pay(lender, user, unit),
  ]),
  "collateral swapped with a flash loan": tx(wallet, "0x1cff79cd", [
    lend(wallet, lender, dai, 1000n * unit, [
      swap3(wallet, poolA, [dai, 1000n * unit], [usd, 999n * unit]),
      call(
        wallet,
        aave,
        "0x617ba037",
        [usd, 999n * unit, wallet, 0n],
        [pull(usd, aave, wallet, addr(0xa05d), 999n * unit)],
      ),
      call(
        wallet,
        aave,
        "0x69328dec",
        [dai, 1000n * unit, wallet],
        [call(aave, aDai, "0xd7020d0a", [], [send(dai, aDai, wallet, 1000n * unit)])],
      ),
    ]),
  ]),
  "an exchange's payouts": tx(
    wallet,
    "0x11",
    many(40).map((to) => pay(wallet, to, unit)),
  ),
  "a token multisend": tx(
    wallet,
    "0x11",
    many(200).map((to) => pull(usd, wallet, user, to, unit)),
  ),
  "deposit wallets that are swept": tx(
    wallet,
    "0x11",
    many(60).map((from) => call(wallet, from, "0x6b9f96ea", [], [send(usd, from, treasury, unit)])),
  ),
  "allowances that a collector spends": tx(
    wallet,
    "0x11",
    many(60).map((from) => pull(usd, wallet, from, treasury, unit)),
  ),
  "an airdrop that is claimed": tx(lender, "0x2e7ba6ef", [send(cow, lender, user, unit)]),
  "twenty rewards that are claimed by a helper": tx(
    bot,
    "0x11",
    Array.from({ length: 20 }, (_, i) =>
      call(bot, lender, "0xddd5e1b2", [BigInt(i), user], [send(cow, lender, user, unit)]),
    ),
  ),
  "fifty rewards that a keeper passes on": tx(
    bot,
    "0x11",
    Array.from({ length: 50 }, (_, i) =>
      call(
        bot,
        lender,
        "0xcc956f3f",
        [BigInt(i)],
        [send(cow, lender, bot, unit), send(cow, lender, addr(0x9001 + i), 100n * unit)],
      ),
    ),
  ),
  "a vault share that is redeemed through a zap": tx(router, "0x11", [
    pull(cow, router, user, router, unit),
    call(
      router,
      lender,
      "0xba087652",
      [unit, user, router],
      [call(lender, poolC, "0x2e1a7d4d", [unit], [send(usd, poolC, lender, unit)]), send(usd, lender, user, unit)],
    ),
  ]),
  "a bridge that releases": tx(router, "0x11", [
    call(router, lender, "0x11223344", [], [send(usd, lender, user, unit)]),
  ]),
  "a harvest with a fee for the caller": tx(lender, "0x4641257d", [
    call(lender, poolC, "0xe2bbb158", [1n, 0n], [send(cow, poolC, lender, 100n * unit)]),
    send(cow, lender, poolA, 100n * unit),
    swap2(lender, poolA, weth, lender, 10n * unit),
    send(weth, lender, user, unit / 10n),
    send(weth, lender, treasury, unit / 10n),
    send(weth, lender, poolB, 5n * unit),
    call(lender, poolC, "0xe2bbb158", [1n, unit], [pull(dai, poolC, lender, poolC, unit)]),
  ]),
  "a pool position that is moved": tx(lender, "0x11", [
    call(lender, poolA, "0xa34123a7", [], []),
    call(
      lender,
      poolA,
      "0x4f1eb3d8",
      [],
      [send(usd, poolA, lender, 10n * unit), send(weth, poolA, lender, 10n * unit)],
    ),
    swap3(lender, poolA, [usd, unit], [weth, unit]),
    call(
      lender,
      poolA,
      "0x3c8a7d8d",
      [],
      [
        call(
          poolA,
          lender,
          "0xd3487997",
          [1n, 1n],
          [send(usd, lender, poolA, 9n * unit), send(weth, lender, poolA, 11n * unit)],
        ),
      ],
    ),
  ]),
  "liquidity that is added with half swapped": tx(router, "0x11", [
    pull(usd, router, user, router, 2n * unit),
    send(usd, router, poolA, unit),
    swap2(router, poolA, weth, router, unit),
    send(usd, router, poolA, unit),
    send(weth, router, poolA, unit),
    call(router, poolA, "0x6a627842", [user], []),
  ]),
  "a token launch": create(user, addr(0x70c), [
    create(addr(0x70c), addr(0x70d)),
    call(addr(0x70c), router, "0xc9c65396", [addr(0x70d), weth], [create(router, addr(0x70e))]),
    approve(addr(0x70d), addr(0x70c), router),
  ]),
  "a pool that is made and filled": tx(router, "0xac9650d8", [
    call(
      router,
      lender,
      "0xa1671295",
      [usd, weth, 500n],
      [create(lender, addr(0x70f), [call(addr(0x70f), lender, "0x89035730")])],
    ),
    call(router, addr(0x70f), "0xf637731d", [1n]),
    call(
      router,
      addr(0x70f),
      "0x3c8a7d8d",
      [router],
      [call(addr(0x70f), router, "0xd3487997", [1n, 1n], [pull(usd, router, user, addr(0x70f), unit)])],
    ),
  ]),
  "a wallet that is deployed and swaps": tx("0x5ff137d4b0fdcd49dca30c7cf57e578a026d2789", "0x1fad948c", [
    call(
      "0x5ff137d4b0fdcd49dca30c7cf57e578a026d2789",
      lender,
      "0x570e1a36",
      [],
      [call(lender, addr(0xfac), "0x5fbfb9cf", [], [create(addr(0xfac), wallet)])],
    ),
    call(
      "0x5ff137d4b0fdcd49dca30c7cf57e578a026d2789",
      wallet,
      "0x3a871cdd",
      [],
      [pay(wallet, "0x5ff137d4b0fdcd49dca30c7cf57e578a026d2789", unit / 100n)],
    ),
    call(
      "0x5ff137d4b0fdcd49dca30c7cf57e578a026d2789",
      wallet,
      "0xb61d27f6",
      [],
      [
        approve(usd, wallet, router),
        call(
          wallet,
          router,
          "0x38ed1739",
          [],
          [pull(usd, router, wallet, poolA, unit), swap2(router, poolA, weth, wallet, unit)],
        ),
      ],
    ),
    pay("0x5ff137d4b0fdcd49dca30c7cf57e578a026d2789", user, unit / 100n),
  ]),
  "a marketplace with ten items, paid in the coin": tx(
    router,
    "0x11",
    many(10).map((seller, i) =>
      call(
        router,
        lender,
        "0xfb0f3ee1",
        [],
        [pull(cow, poolC, seller, user, BigInt(7_000_000_000 + i)), pay(lender, seller, unit)],
        unit,
      ),
    ),
    10n * unit,
  ),
  "a bid that a seller takes": tx(lender, "0x11", [
    pull(weth, poolC, treasury, user, unit),
    pull(cow, poolC, user, treasury, 123_456_789n),
  ]),
  "an order that is filled by its taker's contract": tx(bot, "0x11", [
    call(
      bot,
      lender,
      "0x64a3bc15",
      [],
      [pull(usd, lender, treasury, bot, 2500n * unit), pull(weth, lender, bot, treasury, unit)],
    ),
    swap3(bot, poolA, [usd, 2450n * unit], [weth, unit]),
    send(usd, bot, user, 50n * unit),
  ]),
  "a batch of orders that a solver settles": tx("0x9008d19f58aabd9ed0d60971565aa8510560ab41", "0x13d79a0b", [
    call(
      "0x9008d19f58aabd9ed0d60971565aa8510560ab41",
      lender,
      "0x7d10d11f",
      [],
      many(6).map((from) => pull(usd, lender, from, "0x9008d19f58aabd9ed0d60971565aa8510560ab41", unit)),
    ),
    send(usd, "0x9008d19f58aabd9ed0d60971565aa8510560ab41", poolA, 6n * unit),
    swap2(
      "0x9008d19f58aabd9ed0d60971565aa8510560ab41",
      poolA,
      cow,
      "0x9008d19f58aabd9ed0d60971565aa8510560ab41",
      6n * unit,
    ),
    ...many(6).map((to) => send(cow, "0x9008d19f58aabd9ed0d60971565aa8510560ab41", to, unit - 1000n)),
  ]),
  "a transfer by somebody who signed for it": tx(router, "0x11", [
    call(
      router,
      lender,
      "0x11223344",
      [],
      [
        frame({
          type: "STATICCALL",
          from: lender,
          to: addr(1),
          input: "0x00",
          output: `0x${treasury.slice(2).padStart(64, "0")}`,
        }),
        pull(usd, lender, treasury, addr(0xf21e4d), 10n * unit),
        pull(usd, lender, treasury, user, unit),
      ],
    ),
  ]),
  "a subscription that is collected": tx(lender, "0x11", [pull(usd, lender, addr(0x5b5c), treasury, unit)]),
  "a DCA order that a keeper runs": tx(router, "0x4585e33b", [
    call(
      router,
      lender,
      "0x11223344",
      [],
      [
        pull(usd, lender, treasury, lender, unit),
        send(usd, lender, poolA, unit),
        swap2(lender, poolA, weth, treasury, unit),
        send(usd, poolA, user, 0n),
      ],
    ),
  ]),
  "looped borrowing by hand": tx(
    wallet,
    "0x11",
    Array.from({ length: 12 }, () => [
      call(wallet, aave, "0x617ba037", [], [pull(weth, aave, wallet, aWeth, unit)]),
      call(
        wallet,
        aave,
        "0xa415bcad",
        [],
        [call(aave, aDai, "0x4efecaa5", [], [send(dai, aDai, wallet, 1000n * unit)])],
      ),
      swap3(wallet, poolA, [dai, 1000n * unit], [weth, unit / 2n]),
    ]).flat(),
  ),
  "a hundred identities that a mint bot makes": tx(
    bot,
    "0x11",
    many(100).flatMap((made) => [
      create(bot, made),
      call(bot, made, "0x5c1e3b2a", [], [call(made, lender, "0x9ff054df", [30n])]),
    ]),
  ),
  "a fee token that sells its fees in a transfer": tx(router, "0x791ac947", [
    pull(cow, router, user, cow, unit),
    call(
      router,
      cow,
      "0x23b872dd",
      [user, poolA, unit],
      [
        call(
          cow,
          router,
          "0x791ac947",
          [],
          [
            pull(cow, router, cow, poolA, unit),
            swap2(router, poolA, weth, router, unit),
            unwrap(router, unit),
            pay(router, cow, unit),
          ],
        ),
        pay(cow, treasury, unit),
      ],
    ),
    swap2(router, poolA, weth, router, unit),
    unwrap(router, unit),
    pay(router, user, unit),
  ]),
  "a proxy's function that begins like an initialiser's": delegate(
    tx(lender, "0xa9059cbb", [], 0n, [user, unit]),
    addr(0xc0de),
  ),
  "a wrapped coin there and back": tx(bot, "0x11", [wrap(bot, unit), unwrap(bot, unit), pay(bot, user, unit)], unit),
  "a governor that runs a proposal": tx(lender, "0xfe0d94c1", [
    call(
      lender,
      router,
      "0x0825f38f",
      [],
      [send(cow, router, treasury, 1000n * unit), call(router, poolC, "0x3659cfe6", [addr(0xc0de)])],
    ),
  ]),
  "a multi-signature wallet that collects its dues": tx(wallet, "0x6a761202", [
    pull(usd, wallet, treasury, addr(0xf21), unit),
  ]),
  "an insurance that pays out to many": tx(lender, "0x11", [
    call(
      lender,
      poolC,
      "0x11223344",
      [],
      many(30).map((to) => send(usd, poolC, to, unit)),
    ),
  ]),
};

test.each(Object.entries(honest))("CAT-01 (look-alike): %s is not critical", async (_, trace) => {
  const { severity, findings } = await judged(trace);
  expect([severity === "critical", findings]).toEqual([false, findings]);
});
