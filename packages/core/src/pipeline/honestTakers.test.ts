// Who takes without paying in the same call, and may: bounties, messages of bridges, issuers, sellers of pieces, deployers.
import { expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr, frame } from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import { bot, call, create, look, pay, pull, send, severityOf, tx, unit, usd, user, weth } from "./trees.testkit.ts";

const place = (n: number): Address => addr(0x7a70 + n);
const [vault, pool, token, market, oracle, hub] = [place(0), place(1), place(2), place(3), place(4), place(5)];
const [satellite, piece, bidder, shares, feed] = [place(6), place(7), place(8), place(9), place(10)];
const mint = (by: Address, of: Address, to: Address, amount: bigint) => call(by, of, "0x40c10f19", [to, amount]);
const times = (count: number, inside: () => CallFrame) => Array.from({ length: count }, inside);
const view = (by: Address, of: Address, name: Hex, calls: readonly CallFrame[] = []) => ({
  ...call(by, of, name, [], calls),
  type: "STATICCALL" as const,
});

const cases: Record<string, CallFrame> = {
  "a keeper is paid the same bounty ten times": tx(
    bot,
    "0x11",
    times(10, () => call(bot, vault, "0x322e9f04", [], [send(usd, vault, bot, unit)])),
  ),
  "a bridge's recipient has his message carried out; who mints asks the bridge who sent it": call(
    user,
    hub,
    "0x23caab49",
    [64n, 0n],
    [
      call(
        hub,
        satellite,
        "0x8b6c0354",
        [user, unit],
        [
          { ...call(satellite, hub, "0xd67bdd25"), output: `0x${toWord(satellite)}` as Hex },
          mint(satellite, token, user, unit),
        ],
      ),
    ],
  ),
  "an issuer mints its coin and puts it into a pool, whose shares it gets": tx(bot, "0xb5f8558c", [
    mint(bot, token, bot, unit),
    call(bot, pool, "0x0b4c7e4d", [unit, 0n], [pull(token, pool, bot, pool, unit), mint(pool, shares, bot, unit)]),
  ]),
  "a piece is sold into a bid that lay there": call(
    user,
    market,
    "0x11223344",
    [1n],
    [
      call(market, piece, "0x42842e0e", [user, bidder, 7n]),
      call(market, vault, "0x55667788", [bidder], [pull(weth, vault, bidder, user, unit)]),
    ],
  ),
  "a script deploys a feed and lists it in a market that asks it once": frame({
    type: "CREATE",
    from: user,
    to: bot,
    input: "0x60806040",
    calls: [
      create(bot, feed),
      call(bot, market, "0x22334455", [feed], [view(market, feed, "0xa035b1fe")]),
      call(bot, oracle, "0x22334455", [feed]),
    ],
  }),
  "a bot liquidates with money of the pair that the market's price comes from": tx(bot, "0x11", [
    call(
      bot,
      pool,
      "0x022c0d9f",
      [unit, 0n, bot, 128n, 1n],
      [
        send(usd, pool, bot, unit),
        call(
          pool,
          bot,
          "0x10d1e85c",
          [bot, unit, 0n, 128n, 1n],
          [
            call(
              bot,
              market,
              "0x00a718a9",
              [weth, usd, bidder, unit, 0n],
              [
                view(market, oracle, "0xb3596f07", [look(usd, oracle, pool, 900n * unit)]),
                pull(usd, market, bot, market, unit),
                send(weth, market, bot, unit),
              ],
            ),
            send(weth, bot, pool, (unit * 95n) / 100n),
          ],
        ),
      ],
    ),
    send(weth, bot, user, (unit * 5n) / 100n),
  ]),
};

test.each(Object.entries(cases))("behavior: %s: not critical", async (_, trace) => {
  expect(await severityOf(trace)).not.toBe("critical");
});

test("behavior: a drain is told whatever name the attacker's contract goes by, and whom it calls back", async () => {
  const helper = place(20);
  const loot = [look(usd, bot, vault, unit), call(bot, vault, "0x11223344", [], [send(usd, vault, bot, unit)])];
  const named = (name: string) =>
    call(
      user,
      bot,
      name,
      [helper, usd, 1n],
      [...loot, call(bot, helper, "0x1b11d0ff", [usd, 1n]), send(usd, bot, user, unit)],
    );
  expect([await severityOf(named("0x42b0b77c")), await severityOf(named("0x11223344"))]).toEqual([
    "critical",
    "critical",
  ]);
});

test("behavior: a loan that the attacker asked for excuses no re-entry into whom it was called back on", async () => {
  const reenter = (asker: Address) => {
    const inside = [
      call(vault, bot, "0x22334455", [], [call(bot, vault, "0x3ccfd60b", [], [send(usd, vault, bot, unit)])]),
      send(usd, vault, bot, unit),
    ];
    return call(
      asker,
      market,
      "0x5cffe9de",
      [vault, usd, unit],
      [call(market, vault, "0x23e30c8b", [bot, usd, unit], inside)],
    );
  };
  expect(await severityOf(tx(bot, "0x11", [reenter(bot)]))).toBe("critical");
  const own = tx(bot, "0x11", [call(bot, vault, "0x33445566", [], [reenter(vault)]), pay(bot, user, 1n)]);
  expect((await severityOf(own)) === "critical").toBe(false);
});
