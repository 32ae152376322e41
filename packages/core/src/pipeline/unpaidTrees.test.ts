// What is got for nothing, and what the taker was misled by: mints that nobody paid, claims that are paid again, payments that
// moved nothing, prices that the actors made or bent. Each attack stands beside the nearest honest transaction.
import { describe, expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr, frame } from "../model/detectorCase.testkit.ts";
import { type Address, toWord } from "../model/Hex.ts";
import {
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
  severityOf,
  swap2,
  tx,
  unit,
  usd,
  user,
} from "./trees.testkit.ts";

const place = (n: number): Address => addr(0x6a70 + n);
const [vault, pool, lender, token, oracle, feed] = [place(0), place(1), place(2), place(3), place(4), place(5)];
const [market, staking, box, hook, nobody] = [place(6), place(7), place(8), place(9), addr(0)];
const [first, second] = [place(20), place(21)];

const mint = (by: Address, of: Address, to: Address, amount: bigint) => call(by, of, "0x40c10f19", [to, amount]);
const mintShares = (by: Address, of: Address, to: Address, amount: bigint, calls: CallFrame[] = [], value = 0n) =>
  call(by, of, "0x94bf804d", [amount, to], calls, value);
const sell = (amount: bigint) => [send(token, bot, pool, amount), swap2(bot, pool, usd, bot, amount)];
const view = (by: Address, of: Address, name: string, calls: readonly CallFrame[] = []) => ({
  ...call(by, of, name, [], calls),
  type: "STATICCALL" as const,
});
const times = (count: number, inside: (n: number) => CallFrame | readonly CallFrame[]) =>
  Array.from({ length: count }, (_, i) => inside(i)).flat();

/** The vault sells `token` for `price` of ether and takes it back for a unit. */
const turn = (price: bigint) => [
  call(bot, vault, "0xa0296215", [unit], [mint(vault, token, bot, unit)], price),
  call(bot, vault, "0xc471b10b", [unit], [pull(token, vault, bot, vault, unit), pay(vault, bot, unit)]),
];

/** A deposit for which the vault has `payer` pay, and mints a share. */
const deposit = (payer: Address, inside: readonly CallFrame[]) =>
  call(
    bot,
    vault,
    "0x2e2d2984",
    [unit, payer, user],
    [{ ...call(vault, payer, "0x2e88fb97", [usd, vault, unit], inside), output: "0x" }, mint(vault, token, user, unit)],
  );

/** A loan of a coin that its market mints, against what `collateral` brings. */
const pledge = (collateral: readonly CallFrame[]) =>
  tx(bot, "0x11", [
    ...collateral,
    call(bot, market, "0xbcc46e83", [unit], [pull(token, market, bot, market, unit)]),
    call(bot, market, "0xc5ebeaec", [unit], [mint(market, dai, bot, unit)]),
    send(dai, bot, user, unit),
  ]);

/** A loan of usd from a market that has its oracle ask `of`. */
const borrow = (of: Address, name = "0xfeaf968c") =>
  call(
    bot,
    market,
    "0xc5ebeaec",
    [unit],
    [view(market, oracle, "0xfc57d4df", [view(oracle, of, name)]), send(usd, market, bot, unit)],
  );

/** A loan while a pair has lent its tokens; the feed asks `token` what `of` holds. */
const borrowAmid = (of: Address, reader = feed) =>
  tx(bot, "0x11", [
    call(
      bot,
      pool,
      "0x022c0d9f",
      [0n, 900n * unit, bot, 128n, 1n],
      [
        send(token, pool, bot, 900n * unit),
        call(
          pool,
          bot,
          "0x10d1e85c",
          [bot, 0n, 900n * unit, 128n, 1n],
          [
            call(
              bot,
              market,
              "0xa415bcad",
              [usd, unit, 2n, 0n, bot],
              [view(market, oracle, "0xb3596f07", [look(token, reader, of, 1n)]), send(usd, market, bot, unit)],
            ),
            send(token, bot, pool, 903n * unit),
          ],
        ),
      ],
    ),
  ]);

const ask = (by: Address, inside: readonly CallFrame[]) =>
  call(by, hook, "0x575e24b4", [bot, dai, usd, 0n, 1n], inside);

/** Coins of accounts in one vault's ledger, which is asked by `bot` what they hold. */
const ledger = (from: Address, held: bigint, taken: bigint) => [
  frame({
    type: "STATICCALL",
    from: bot,
    to: box,
    input: `0xf7888aec${toWord(usd)}${toWord(from)}`,
    output: `0x${toWord(held)}`,
  }),
  call(bot, from, "0x656f3d64", [5n], [call(from, box, "0xf18d03cc", [usd, from, bot, taken])]),
];

const cases: Record<string, readonly [attack: CallFrame, lookAlike: CallFrame]> = {
  "unpaid-mint of a vault": [
    tx(bot, "0x11", [
      lend(bot, lender, usd, unit, [
        call(bot, token, "0x2d2da806", [bot], [], unit / 10_000n),
        mintShares(bot, token, bot, 9n * unit),
        ...sell(9n * unit),
      ]),
    ]),
    tx(bot, "0x11", [
      lend(bot, lender, usd, unit, [
        mintShares(bot, token, bot, 9n * unit, [pull(usd, token, bot, token, unit)]),
        ...sell(9n * unit),
      ]),
    ]),
  ],
  "unpaid-mint that is pledged": [
    pledge([mint(bot, token, bot, unit)]),
    pledge([send(usd, bot, token, unit), mint(bot, token, bot, unit)]),
  ],
  churn: [
    tx(
      bot,
      "0x11",
      times(3, () => turn(0n)),
    ),
    tx(bot, "0x11", turn(0n)),
  ],
  "hollow-payment by a callback": [
    tx(bot, "0x11", [deposit(bot, [])]),
    tx(bot, "0x11", [deposit(bot, [send(usd, bot, vault, unit)])]),
  ],
  "hollow-payment in a token that is not there": [
    call(
      user,
      vault,
      "0x05e2ca17",
      [1n],
      [call(vault, box, "0xb07e54bb", [user], [pull(nobody, box, user, box, unit)])],
    ),
    call(user, vault, "0x05e2ca17", [1n], [call(vault, box, "0xb07e54bb", [user], [pull(usd, box, user, box, unit)])]),
  ],
  "repetition of what was paid": [
    tx(
      bot,
      "0x11",
      times(30, () => call(bot, staking, "0x2e1a7d4d", [1n], [send(usd, staking, bot, unit)])),
    ),
    tx(
      bot,
      "0x11",
      times(30, (i) => call(bot, staking, "0x379607f5", [BigInt(i)], [send(usd, staking, bot, unit)])),
    ),
  ],
  "own-oracle": [
    tx(bot, "0x11", [create(bot, feed), call(bot, oracle, "0xead99147", [token, feed]), borrow(feed)]),
    tx(bot, "0x11", [create(bot, first), call(bot, oracle, "0xead99147", [token, feed]), borrow(feed)]),
  ],
  "stale-read of an open pool": [borrowAmid(pool), borrowAmid(market)],
  "forged-callback of a hook": [
    tx(bot, "0x11", [ask(bot, [send(usd, hook, bot, unit)])]),
    tx(bot, "0x11", [call(bot, pool, "0xf3cd914c", [1n], [ask(pool, [send(usd, hook, pool, unit)])])]),
  ],
  "emptied in a ledger": [
    tx(bot, "0x11", [
      ...ledger(first, unit, unit),
      ...ledger(second, unit, unit),
      call(bot, box, "0x97da6d30", [usd, bot, bot, 2n * unit, 0n], [send(usd, box, bot, 2n * unit)]),
    ]),
    tx(bot, "0x11", [
      ...ledger(first, 90n * unit, unit),
      ...ledger(second, 90n * unit, unit),
      call(bot, box, "0x97da6d30", [usd, bot, bot, 2n * unit, 0n], [send(usd, box, bot, 2n * unit)]),
    ]),
  ],
};

const signsOf = async (trace: CallFrame) =>
  (await judged(trace)).findings.flatMap((f) =>
    f.detector === "call-tree" ? f.reason.split(" show ")[1]!.split(/[ ,.]+/) : [],
  );

describe("CAT-01: what is got for nothing", () => {
  test.each(Object.entries(cases))("%s makes its attack critical, and its look-alike is not", async (name, pair) => {
    const [attack, lookAlike] = pair;
    const [sign] = name.split(" ");
    expect(await signsOf(attack)).toContain(sign);
    expect([await severityOf(attack), (await severityOf(lookAlike)) === "critical"]).toEqual(["critical", false]);
  });
});

test("behavior: a trifle of the coin that goes along is no price", async () => {
  const drain = (fee: bigint) =>
    tx(
      bot,
      "0x11",
      [look(usd, bot, vault, unit), call(bot, vault, "0x11223344", [], [send(usd, vault, bot, unit)], fee)],
      fee,
    );
  expect(await severityOf(drain(10n ** 14n))).toBe("critical");
  expect(await severityOf(drain(unit))).not.toBe("critical");
});

test("behavior: what is put into a ledger and lent out of it again is no gain", async () => {
  const leverage = tx(bot, "0x11", [
    pull(usd, box, bot, box, unit),
    call(bot, box, "0x02b9446c", [usd, bot, bot, unit, 0n]),
    call(bot, box, "0xf18d03cc", [usd, bot, market, unit]),
    call(bot, market, "0x656f3d64", [5n], [call(market, box, "0xf18d03cc", [dai, market, bot, unit])]),
    call(bot, box, "0x97da6d30", [dai, bot, bot, unit, 0n], [send(dai, box, bot, unit)]),
    send(cow, bot, bot, 1n),
  ]);
  expect(await severityOf(leverage)).not.toBe("critical");
});

test("behavior: whoever calls his own contract a lender hides nothing by it", async () => {
  const loot = [look(usd, bot, vault, unit), call(bot, vault, "0x11223344", [], [send(usd, vault, bot, unit)])];
  const asLender = (helper: Address) =>
    call(user, bot, "0x42b0b77c", [helper, usd, unit], [...loot, call(bot, helper, "0x1b11d0ff", [usd, unit])]);
  expect(await severityOf(asLender(first))).toBe("critical");
});
