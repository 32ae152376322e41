// Vaults' strategies and their keepers, wallets of many clones, change of an exchange, and who unwinds what he borrowed: each
// beside the attack that is nearest to it.
import { expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr, frame } from "../model/detectorCase.testkit.ts";
import type { Address, Hex } from "../model/Hex.ts";
import {
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
  severityOf,
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

const place = (n: number): Address => addr(0x57a70 + n);
const [strategy, chef, pair, router, shares, fund] = [place(0), place(1), place(2), place(3), place(4), place(5)];
const [voter, lender, market, collateral, curve, mint] = [place(6), place(7), place(8), place(9), place(10), place(11)];
const times = <T>(count: number, one: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => one(i));
const sell = (by: Address, token: Address, amount: bigint, out: Address, got: bigint) =>
  call(by, router, "0x38ed1739", [], [pull(token, router, by, pair, amount), swap2(router, pair, out, by, got)]);

/** Rewards are sold for the coin, the caller and the treasury get a part, the rest becomes shares of the pool; then what waits in the vault comes in. */
const harvest = (fee: readonly CallFrame[]) =>
  tx(bot, "0x11", [
    call(
      bot,
      strategy,
      "0x0e5c011e",
      [user],
      [
        call(strategy, chef, "0xe2bbb158", [2n, 0n], [send(cow, chef, strategy, 40n * unit)]),
        sell(strategy, cow, 20n * unit, weth, unit),
        ...fee,
        call(
          strategy,
          router,
          "0xe8e33700",
          [],
          [
            pull(cow, router, strategy, pair, 20n * unit),
            pull(weth, router, strategy, pair, unit / 2n),
            call(router, pair, "0x6a627842", [strategy], []),
          ],
        ),
        call(strategy, chef, "0xe2bbb158", [2n, unit], [pull(shares, chef, strategy, chef, unit)]),
      ],
    ),
    call(
      bot,
      fund,
      "0xd389800f",
      [],
      [
        send(shares, fund, strategy, 12n * unit),
        call(fund, strategy, "0xd0e30db0", [], [send(shares, strategy, chef, 12n * unit)]),
      ],
    ),
  ]);

/** The same where a proxy that votes holds what was put in, and has a part of the rewards. */
const lockedHarvest = tx(bot, "0x11", [
  call(
    bot,
    strategy,
    "0x4641257d",
    [],
    [
      send(cow, voter, strategy, 40n * unit),
      send(cow, strategy, voter, 4n * unit),
      sell(strategy, cow, 36n * unit, dai, 900n * unit),
      call(strategy, curve, "0x4515cef3", [900n * unit], [pull(dai, curve, strategy, curve, 900n * unit)]),
      send(shares, strategy, place(12), 40n * unit),
      send(shares, strategy, voter, 860n * unit),
    ],
  ),
  call(
    bot,
    fund,
    "0xb02bf4b9",
    [shares, unit],
    [send(shares, fund, strategy, 5_000n * unit), send(shares, strategy, voter, 5_000n * unit)],
  ),
  call(bot, place(13), "0x5feeb794", [user], [send(usd, place(13), bot, unit)]),
]);

/** What was borrowed against a share is paid back by a loan, the share is taken out, and a part of it is sold, of which change comes back. */
const unwind = (after: readonly CallFrame[]) =>
  tx(bot, "0x11", [
    lend(bot, lender, dai, 1_000n * unit, [
      call(bot, market, "0x0e752702", [1_000n * unit], [pull(dai, market, bot, market, 1_000n * unit)]),
      call(bot, collateral, "0xdb006a75", [unit], [send(shares, collateral, bot, 210n * unit)]),
      call(
        bot,
        curve,
        "0x5b36389c",
        [210n * unit, 0n, 0n],
        [
          pull(shares, curve, bot, addr(0), 210n * unit),
          pay(curve, bot, 110n * unit),
          send(usd, curve, bot, 120n * unit),
        ],
      ),
      call(
        bot,
        router,
        "0xfb3bdb41",
        [],
        [
          wrap(router, 104n * unit),
          send(weth, router, pair, 104n * unit),
          swap2(router, pair, dai, bot, 1_000n * unit),
          pay(router, bot, 6n * unit),
        ],
        110n * unit,
      ),
    ]),
    ...after,
  ]);

/** The coin is put into a pool of two, both are taken out of it, and the other is sold where it is dearer. */
const poolArbitrage = tx(bot, "0x11", [
  lend(bot, lender, weth, 300n * unit, [
    unwrap(bot, 300n * unit),
    call(bot, curve, "0x0b4c7e4d", [300n * unit, 0n, 1n], [], 300n * unit),
    call(
      bot,
      curve,
      "0x5b36389c",
      [300n * unit, 0n, 0n],
      [pay(curve, bot, 132n * unit), send(usd, curve, bot, 168n * unit)],
    ),
    swap3(bot, pair, [usd, 168n * unit], [weth, 169n * unit]),
    wrap(bot, 132n * unit),
  ]),
]);

/** Each clone passes a claim on to the batch's code. */
const clones = (count: number, claims: (clone: Address) => readonly CallFrame[], code = bot) =>
  tx(
    bot,
    "0x11",
    times(count, (i) => {
      const clone = place(100 + i);
      return delegate(call(bot, clone, "0xdf0030ef", [user], claims(clone)), code);
    }),
  );
const claim = (clone: Address) => [call(clone, mint, "0x1c560305", [user, 100n], [])];

const honest: Record<string, CallFrame> = {
  "a harvest whose caller gets a fee of the coin": harvest([
    send(weth, strategy, user, unit / 40n),
    send(weth, strategy, place(12), unit / 8n),
  ]),
  "a harvest into a proxy that votes": lockedHarvest,
  "an unwinding by a loan with change": unwind([send(usd, bot, user, 120n * unit)]),
  "an arbitrage by putting in one and taking out two": poolArbitrage,
  "claims by fifty clones, and fifty new ones": {
    ...clones(50, claim),
    calls: [
      ...clones(50, claim).calls,
      ...times(50, (i) => create(bot, place(200 + i))),
      ...times(50, (i) => delegate(call(bot, place(200 + i), "0x9ff054df", [100n], claim(place(200 + i))), bot)),
    ],
  },
};

test.each(Object.entries(honest))("CAT-01 (look-alike): %s is not critical", async (_, trace) => {
  const { severity, findings } = await judged(trace);
  expect([severity === "critical", findings]).toEqual([false, findings]);
});

test("BAR-04: what bends a strategy for its callers is a round trip still", async () => {
  const bent = tx(bot, "0x11", [
    lend(bot, lender, dai, 1_000n * unit, [
      send(dai, bot, strategy, 1_000n * unit),
      call(bot, strategy, "0x11223344", [], [send(cow, strategy, bot, 90n * unit)]),
      call(bot, fund, "0x4641257d", [], [send(usd, fund, bot, 5n * unit)]),
      send(cow, bot, strategy, 90n * unit),
      call(bot, strategy, "0x11223344", [], [send(dai, strategy, bot, 1_000n * unit)]),
    ]),
  ]);
  const { severity, findings } = await judged(bent);
  expect([severity, findings.some(({ reason }) => reason.includes("round-trip"))]).toEqual(["critical", true]);
});

test("BAR-04: a round trip for one other is seen where that one pays for both ways", async () => {
  const trip = (payer: Address) =>
    tx(bot, "0x11", [
      call(bot, market, "0x11223344"),
      call(
        bot,
        fund,
        "0x4641257d",
        [],
        [
          send(dai, payer, pair, 1_000n * unit),
          swap2(fund, pair, cow, fund, 90n * unit),
          send(usd, market, bot, 5n * unit),
          send(cow, fund, pair, 90n * unit),
          swap2(fund, pair, dai, fund, 900n * unit),
        ],
      ),
    ]);
  const isTrip = async (trace: CallFrame) =>
    (await judged(trace)).findings.some(({ reason }) => reason.includes("round-trip"));
  expect([await isTrip(trip(fund)), await isTrip(trip(voter))]).toEqual([true, false]);
});

const showsForeignCode = async (trace: CallFrame) =>
  (await judged(trace)).findings.some(({ reason }) => reason.includes("foreign-code"));
const loot = call(bot, market, "0x3ccfd60b", [], [send(usd, market, bot, unit)]);

test("BAR-04: clones that lose something, are few, or run what was made here, run foreign code", async () => {
  expect(await severityOf(clones(9, (clone) => [send(usd, clone, bot, unit)]))).toBe("critical");
  const withLoot = (trace: CallFrame, before: readonly CallFrame[] = []) => ({
    ...trace,
    calls: [...before, ...trace.calls, loot],
  });
  expect(await showsForeignCode(withLoot(clones(8, claim)))).toBe(false);
  expect(await showsForeignCode(withLoot(clones(7, claim)))).toBe(true);
  const code = place(15);
  expect(await showsForeignCode(withLoot(clones(9, claim, code), [create(bot, code)]))).toBe(true);
});

test("BAR-04: a proxy whose code was changed here, one that somebody else calls, and code by another call are foreign code", async () => {
  const upgraded = tx(bot, "0x11", [
    delegate(call(bot, fund, "0x3659cfe6", [bot]), place(14)),
    delegate(call(bot, fund, "0x8129fc1c", [], [call(fund, market, "0x11223344")]), bot),
    loot,
  ]);
  const through = tx(bot, "0x11", [
    call(bot, market, "0x11223344", [], [delegate(call(market, fund, "0x55", []), bot)]),
    loot,
  ]);
  const inner = frame({ type: "DELEGATECALL", from: fund, to: bot, input: "0x55667788" as Hex, calls: [] });
  const other = tx(bot, "0x11", [call(bot, fund, "0x11223344", [], [inner]), loot]);
  for (const trace of [upgraded, through, other]) expect(await showsForeignCode(trace)).toBe(true);
});

test("BAR-04: what is put in and taken out in two calls, or comes back as more than was sent along, is no change", async () => {
  const put = call(bot, market, "0xd0e30db1", [], [], 10n * unit);
  const take = call(bot, market, "0x3ccfd60b", [], [pay(market, bot, 9n * unit), send(usd, market, bot, unit)]);
  const more = call(
    bot,
    market,
    "0x11223344",
    [],
    [pay(market, bot, 10n * unit), send(usd, market, bot, unit)],
    9n * unit,
  );
  const shown = async (calls: readonly CallFrame[]) =>
    (await judged(tx(bot, "0x11", [lend(bot, lender, dai, unit, calls)]))).findings.some(({ reason }) =>
      reason.includes("flash-deposit"),
    );
  // One call that is many: what it was sent along with is no price of any of them.
  const many = (kept: bigint) =>
    call(
      bot,
      market,
      "0xac9650d8",
      [],
      [
        send(usd, market, bot, unit),
        pay(market, bot, 9n * unit),
        ...(kept === 0n ? [] : [pay(market, place(16), unit)]),
      ],
      10n * unit,
    );
  expect([await shown([put, take]), await shown([more]), await shown([many(0n)])]).toEqual([true, true, true]);
  expect(await shown([many(unit)])).toBe(false);
});

test("BAR-04: a token that was sent to oneself is no price for what is got for it", async () => {
  const sold = (before: readonly CallFrame[]) =>
    tx(bot, "0x11", [
      call(
        bot,
        pair,
        "0x022c0d9f",
        [unit, 0n, bot, 128n, 32n],
        [
          send(cow, pair, bot, unit),
          call(pair, bot, "0x84800812", [bot, unit, 0n], [...before, send(cow, bot, pair, (11n * unit) / 10n)]),
        ],
      ),
      sell(bot, cow, 8n * unit, usd, 5_000n * unit),
    ]);
  expect(await severityOf(sold(times(10, () => send(cow, bot, bot, unit))))).toBe("critical");
  expect(await severityOf(sold([]))).not.toBe("critical");
});

test("BAR-04: a round trip by a router that pays the pool itself and brings the coin out is its callers'", async () => {
  const universal = place(17);
  const trip = (kept: bigint) =>
    tx(bot, "0x11", [
      send(dai, bot, universal, 1_000n * unit),
      call(
        bot,
        universal,
        "0x24856bc3",
        [],
        [send(dai, universal, pair, 1_000n * unit), swap2(universal, pair, cow, universal, 90n * unit)],
      ),
      send(cow, universal, place(18), 90n * unit - kept),
      call(bot, fund, "0x4641257d", [], [send(usd, fund, bot, 5n * unit)]),
      send(cow, place(18), pair, 90n * unit - kept),
      call(bot, universal, "0x24856bc3", [], [swap2(universal, pair, dai, bot, 900n * unit)]),
    ]);
  expect((await judged(trip(0n))).findings.some(({ reason }) => reason.includes("round-trip"))).toBe(true);
});

test("BAR-04: a pool that is robbed by putting in and taking out is no market that traded", async () => {
  const rob = (more: bigint, less: bigint) =>
    tx(bot, "0x11", [
      lend(bot, lender, dai, 1_000n * unit, [
        call(
          bot,
          curve,
          "0x0b4c7e4d",
          [1_000n * unit, 1_000n * unit, 1n],
          [pull(dai, curve, bot, curve, 1_000n * unit), pull(usd, curve, bot, curve, 1_000n * unit)],
        ),
        call(
          bot,
          curve,
          "0x5b36389c",
          [unit, 0n, 0n],
          [send(dai, curve, bot, 1_000n * unit + more), send(usd, curve, bot, 1_000n * unit - less)],
        ),
      ]),
    ]);
  expect(await severityOf(rob(90n * unit, unit / 2n))).toBe("critical");
  expect(await severityOf(rob(5n * unit, 490n * unit))).not.toBe("critical");
});
