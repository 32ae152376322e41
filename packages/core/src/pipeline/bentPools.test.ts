// Signs of pools, mints and books that are bent: each with the attack that shows it and the nearest honest business.
import { describe, expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr, frame } from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import {
  bot,
  call,
  cow,
  dai,
  judged,
  lend,
  look,
  pay,
  pull,
  send,
  swap2,
  tx,
  unit,
  usd,
  user,
  weth,
} from "./trees.testkit.ts";

const [pair, vault, lender, holder] = [0xa1fff, 0xa2fff, 0x1e4fff, 0x70fff].map((n) => addr(n)) as [
  Address,
  Address,
  Address,
  Address,
];

const reserves = (by: Address, a: bigint, b: bigint) =>
  frame({
    type: "STATICCALL",
    from: by,
    to: pair,
    input: "0x0902f1ac",
    output: `0x${toWord(a)}${toWord(b)}${toWord(1n)}`,
  });
/** A v2 pair's swap after which it asks what it has left of the token that it paid. */
const swapDown = (token: Address, amount: bigint, left: bigint) =>
  call(
    bot,
    pair,
    "0x022c0d9f",
    [amount, 0n, bot, 128n, 0n],
    [send(token, pair, bot, amount), look(token, pair, pair, left)],
  );
const mint = (token: Address, to: Address, amount: bigint, calls: readonly CallFrame[] = []) =>
  call(bot, token, "0x40c10f19", [to, amount], calls);
const sync = (by: Address) => call(by, pair, "0xfff6cae9", []);
const profit = call(bot, vault, "0x11223344", [], [send(usd, vault, bot, 500n * unit)]);

const cases: Record<string, readonly [attack: CallFrame, honest: CallFrame]> = {
  "lost-reserve": [
    tx(bot, "0x11", [
      reserves(bot, 1000n * unit, 1000n * unit),
      call(bot, cow, "0x7e5f4e9b", [pair]),
      sync(bot),
      reserves(bot, unit, 1000n * unit),
      send(cow, bot, pair, unit / 1000n),
      swapDown(weth, 500n * unit, 500n * unit),
    ]),
    // Liquidity that is taken out lowers the product by right.
    tx(bot, "0x11", [
      reserves(bot, 1000n * unit, 1000n * unit),
      send(pair, bot, pair, unit),
      call(bot, pair, "0x89afcb44", [bot], [send(cow, pair, bot, 900n * unit), send(weth, pair, bot, 900n * unit)]),
      reserves(bot, 100n * unit, 100n * unit),
    ]),
  ],
  "crushed-pool": [
    tx(bot, "0x11", [
      lend(bot, lender, usd, 1000n * unit, [
        send(usd, bot, pair, 900n * unit),
        swapDown(weth, 1000n * unit, 50n * unit),
        call(bot, vault, "0xc5ebeaec", [], [send(dai, vault, bot, 5000n * unit)]),
        call(bot, holder, "0x11223344", [], [send(usd, holder, bot, 900n * unit)]),
      ]),
    ]),
    tx(bot, "0x11", [
      lend(bot, lender, usd, 1000n * unit, [
        send(usd, bot, pair, 900n * unit),
        swapDown(weth, 1000n * unit, 2000n * unit),
        send(weth, bot, holder, 1000n * unit),
        swap2(bot, holder, usd, bot, 910n * unit),
      ]),
    ]),
  ],
  "over-issue": [
    tx(bot, "0x11", [
      call(bot, vault, "0x11223344", [], [call(vault, cow, "0x40c10f19", [bot, 10n ** 9n * unit])], unit / 1000n),
      send(cow, bot, pair, 10n ** 8n * unit),
      swapDown(weth, 1000n * unit, unit),
    ]),
    // Rewards that are minted and sold at the price that the pool has.
    tx(bot, "0x11", [
      call(bot, vault, "0x3d18b912", [], [call(vault, cow, "0x40c10f19", [bot, 10n * unit])]),
      send(cow, bot, pair, 10n * unit),
      swapDown(weth, unit, 1000n * unit),
    ]),
  ],
  "over-issue sold for another": [
    tx(bot, "0x11", [
      call(bot, vault, "0x11223344", [], [call(vault, cow, "0x40c10f19", [bot, 10n ** 9n * unit])], unit / 1000n),
      send(cow, bot, holder, 10n ** 8n * unit),
      swap2(bot, holder, dai, bot, 10n ** 6n * unit),
      send(dai, bot, pair, 10n ** 6n * unit),
      swapDown(weth, 1000n * unit, unit),
    ]),
    // A pool that somebody emptied is filled with what was bought at the market.
    tx(bot, "0x11", [
      call(bot, vault, "0x11223344", [], [call(vault, cow, "0x40c10f19", [bot, unit])], unit / 1000n),
      send(usd, bot, holder, 10n ** 6n * unit),
      swap2(bot, holder, dai, bot, 10n ** 6n * unit),
      send(dai, bot, pair, 10n ** 6n * unit),
      swapDown(weth, 1000n * unit, unit),
    ]),
  ],
  "unpaid-mint": [
    tx(bot, "0x11", [
      mint(cow, bot, 1000n * unit),
      call(bot, vault, "0xb6b55f25", [1000n * unit], [pull(cow, vault, bot, vault, 1000n * unit)]),
      call(bot, vault, "0xc5ebeaec", [unit], [send(usd, vault, bot, 900n * unit)]),
    ]),
    // A share that is bought at its token and put into a farm.
    tx(bot, "0x11", [
      mint(cow, bot, 1000n * unit, [pull(usd, cow, bot, cow, 1000n * unit)]),
      call(bot, vault, "0xb6b55f25", [1000n * unit], [pull(cow, vault, bot, vault, 1000n * unit)]),
      call(bot, vault, "0x3d18b912", [], [send(dai, vault, bot, unit)]),
    ]),
  ],
  "stale-read": [
    tx(bot, "0x11", [
      lend(bot, lender, weth, 1000n * unit, [
        call(
          bot,
          pair,
          "0x5b36389c",
          [],
          [
            frame({
              from: pair,
              to: bot,
              value: unit,
              calls: [
                call(
                  bot,
                  vault,
                  "0xc5ebeaec",
                  [],
                  [
                    frame({
                      type: "STATICCALL",
                      from: vault,
                      to: pair,
                      input: "0xbb7b8b80",
                      output: `0x${toWord(unit)}`,
                    }),
                    send(usd, vault, bot, 500n * unit),
                  ],
                ),
              ],
            }),
          ],
        ),
      ]),
    ]),
    tx(bot, "0x11", [
      call(bot, pair, "0x5b36389c", [], [pay(pair, bot, unit)]),
      call(
        bot,
        vault,
        "0xc5ebeaec",
        [],
        [
          frame({ type: "STATICCALL", from: vault, to: pair, input: "0xbb7b8b80", output: `0x${toWord(unit)}` }),
          send(usd, vault, bot, 500n * unit),
        ],
      ),
    ]),
  ],
  "self-transfer": [
    tx(bot, "0x11", [lend(bot, lender, weth, unit, [send(cow, bot, bot, unit), profit])]),
    tx(bot, "0x11", [send(cow, bot, user, unit), profit]),
  ],
};

const signsIn = async (trace: CallFrame) => {
  const { severity, findings } = await judged(trace);
  return { severity, reason: findings.find((f) => f.detector === "call-tree")?.reason ?? "" };
};

describe.each(Object.entries(cases))("%s", (name, [attack, honest]) => {
  test("BAR-04: the attack is critical and shows the sign", async () => {
    const { severity, reason } = await signsIn(attack);
    expect([severity, reason]).toEqual(["critical", expect.stringContaining(name.split(" ")[0]!)]);
  });

  test("BAR-04: the nearest honest business is not critical and shows it not", async () => {
    const { severity, reason } = await signsIn(honest);
    expect(severity).not.toBe("critical");
    expect(reason).not.toContain(name);
  });
});

test("BAR-04: loot that is sold on in the same transaction is the loss of where it came from", async () => {
  const trace = tx(bot, "0x11", [
    look(usd, bot, vault, 500n * unit),
    profit,
    send(usd, bot, pair, 500n * unit),
    swap2(bot, pair, weth, bot, unit),
  ]);
  expect((await signsIn(trace)).reason).toMatch(/one-sided-loss.*emptied/);
});

const word = (value: bigint | Hex) => toWord(value);
test("CAT-01: an operator's approval for all of a collection counts as an allowance", async () => {
  const grant = (owner: Address) =>
    call(bot, owner, "0x11223344", [], [frame({ from: owner, to: cow, input: `0xa22cb465${word(bot)}${word(1n)}` })]);
  const trace = tx(bot, "0x11", [grant(vault), grant(lender), grant(holder)]);
  expect(await signsIn(trace)).toMatchObject({ severity: "critical", reason: expect.stringContaining("allowance") });
});
