import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { storiesOf } from "../detectors/callTree/readings.ts";
import { detectCallTree } from "../detectors/detectCallTree.ts";
import type { CallFrame } from "../model/BlockBundle.ts";
import { benignFrame } from "../model/benignFrames.testkit.ts";
import { addr, frame } from "../model/detectorCase.testkit.ts";
import type { Address } from "../model/Hex.ts";
import { openJudgement } from "./judge.ts";
import { bundleOfTx } from "./TxCase.ts";
import {
  approve,
  bot,
  call,
  cow,
  create,
  dai,
  delegate,
  helper,
  judged,
  lend,
  lender,
  look,
  pay,
  pool,
  pull,
  send,
  severityOf,
  swap2,
  tx,
  unit,
  unwrap,
  usd,
  user,
  vault,
  victim,
  weth,
} from "./trees.testkit.ts";

const factory = addr(0xfac);
const take = (to: Address = bot, amount = 500n * unit) =>
  call(bot, vault, "0x11223344", [], [send(usd, vault, to, amount)]);
const takeOf = (token: Address) => call(bot, vault, "0x11223344", [], [send(token, vault, bot, 500n * unit)]);

/** The sender's wallet has an exchange do what stands in his calldata: spend what somebody else allowed it, which then comes to him. */
const spelledOut = (before: readonly CallFrame[], token = usd) =>
  call(
    user,
    vault,
    "0x1cff79cd",
    [helper, 64n, 100n, `0x23b872dd${word(victim)}${word(pool)}${word(unit)}`],
    [
      call(
        vault,
        pool,
        "0x80d6c5a1",
        [],
        [
          call(pool, helper, "0x87407261", [], [...before, pull(token, helper, victim, pool, unit)]),
          send(token, pool, vault, unit),
        ],
      ),
    ],
  );

/** A vault pulls a depositor's tokens at anybody's word and hands them to a pair, of which the caller takes the other side. */
const spentAndSold = (also: readonly CallFrame[]) =>
  tx(bot, "0x11", [
    call(bot, vault, "0x11223344", [victim], [pull(cow, vault, victim, vault, unit), send(cow, vault, pool, unit)]),
    swap2(bot, pool, weth, bot, 3n * unit),
    ...also,
  ]);
/** A router does what stands in its caller's calldata, takes somebody's tokens to itself, and pays `paid` of them to the caller. */
const spelledTo = (paid: bigint, before: readonly CallFrame[] = []) =>
  call(
    user,
    vault,
    "0x1ef29a02",
    [64n, 100n, `0x23b872dd${word(victim)}${word(vault)}${word(unit)}`],
    [...before, pull(usd, vault, victim, vault, unit), send(usd, vault, user, paid)],
  );
/** Who signed, by the word of the precompile, which `by` asks. */
const recover = (by: Address, signer: Address | undefined) =>
  frame({
    ...{ type: "STATICCALL", from: by, to: addr(1), input: `0x${word(1n).repeat(4)}` },
    output: signer === undefined ? "0x" : `0x${word(signer)}`,
  });
/** What a token recovers who looks at `owner`'s permit. */
const permitOf = (owner: Address) => call(bot, usd, "0xd505accf", [owner, vault, unit], [recover(usd, owner)]);
/** All that the payer has for whoever has a signature, of which `checks` are what the payer looked at. */
const signedReward = (...checks: readonly CallFrame[]) =>
  call(user, vault, "0x11223344", [unit], [...checks, look(usd, vault, vault, unit), send(usd, vault, user, unit)]);

/** Each row fires by the sign that it is named after; the second tree is the nearest honest one. */
const cases: Record<string, Pair> = {
  identities: [
    tx(
      bot,
      "0x11",
      made((who) => [create(bot, who), call(bot, vault, "0x993ae7e9", [who])]),
    ),
    tx(
      bot,
      "0x11",
      made((who) => [create(bot, who), send(usd, bot, who, unit)]),
    ),
  ],
  "third-party": [
    tx(bot, "0x11", [call(bot, vault, "0x11223344", [], [pull(usd, vault, victim, bot, unit)])]),
    tx(bot, "0x11", [
      call(bot, vault, "0x11223344", [], [pull(usd, vault, victim, bot, unit), pull(weth, vault, bot, victim, unit)]),
    ]),
  ],
  "third-party behind a permit that failed": [
    tx(bot, "0x11", [
      { ...permitOf(victim), error: "execution reverted" },
      call(bot, vault, "0x11223344", [], [pull(usd, vault, victim, bot, unit)]),
    ]),
    tx(bot, "0x11", [permitOf(victim), call(bot, vault, "0x11223344", [], [pull(usd, vault, victim, bot, unit)])]),
  ],
  "third-party whose tokens are sold": [spentAndSold([]), spentAndSold([send(weth, bot, victim, 2n * unit)])],
  "third-party beside a payment of one's own": [spentAndSold([]), spentAndSold([send(cow, bot, pool, unit)])],
  "relayed-spending": [
    call(
      user,
      vault,
      "0x11223344",
      [64n, 100n, `0x23b872dd${word(victim)}${word(user)}${word(unit)}`],
      [pull(usd, vault, victim, user, unit)],
    ),
    call(
      user,
      vault,
      "0x6a761202",
      [64n, 100n, `0x23b872dd${word(victim)}${word(user)}${word(unit)}`],
      [pull(usd, vault, victim, user, unit)],
    ),
  ],
  "relayed-spending by way of the exchange itself": [
    spelledTo(unit),
    // What is its own business: it keeps what it takes, but for a fee.
    spelledTo(unit / 100n),
  ],
  "relayed-spending by way of a wallet": [
    spelledTo(unit),
    // A timelock or a sweeper is told whom it pays, too.
    call(
      user,
      vault,
      "0x1ef29a02",
      [64n, 100n, `0x23b872dd${word(victim)}${word(vault)}${word(unit)}`, `0xa9059cbb${word(user)}${word(unit)}`],
      [pull(usd, vault, victim, vault, unit), send(usd, vault, user, unit)],
    ),
  ],
  "relayed-spending to somebody else's purse": [
    spelledTo(unit),
    // A collector brings what is due to his merchant.
    call(
      user,
      vault,
      "0x1ef29a02",
      [64n, 100n, `0x23b872dd${word(victim)}${word(vault)}${word(unit)}`],
      [pull(usd, vault, victim, vault, unit), send(usd, vault, helper, unit)],
    ),
  ],
  "relayed-spending that the holder has not signed for": [
    spelledTo(unit, [recover(vault, helper)]),
    spelledTo(unit, [recover(vault, victim)]),
  ],
  "void-signature": [signedReward(recover(vault, undefined)), signedReward(recover(vault, helper))],
  "void-signature that is zero": [
    signedReward(recover(vault, addr(0))),
    // Two of three signatures are enough.
    signedReward(recover(vault, addr(0)), recover(vault, helper)),
  ],
  "void-signature of nobody whose contract was asked": [
    signedReward(recover(vault, undefined)),
    signedReward(
      recover(vault, undefined),
      frame({ type: "STATICCALL", from: vault, to: helper, input: `0x1626ba7e${word(1n)}`, output: "0x1626ba7e" }),
    ),
  ],
  "void-signature before which a validator was asked": [
    // By another entry the payer's view tells of a signature that is somebody's.
    tx(bot, "0x11", [
      call(bot, vault, "0x12345678", [], [recover(vault, helper)]),
      { ...signedReward(recover(vault, undefined)), from: bot },
    ]),
    signedReward(
      frame({ type: "STATICCALL", from: vault, to: helper, input: `0xf551e2ee${word(1n)}`, output: "0xf551e2ee" }),
      recover(vault, undefined),
    ),
  ],
  "void-signature that is paid for": [
    signedReward(recover(vault, undefined)),
    // The price list of whoever has none.
    call(
      user,
      vault,
      "0x11223344",
      [unit],
      [recover(vault, undefined), pull(weth, vault, user, vault, unit), send(usd, vault, user, unit)],
    ),
  ],
  "relayed-spending through an exchange": [
    spelledOut([]),
    // The holder signed for it, and the exchange looked.
    spelledOut([frame({ type: "STATICCALL", from: helper, to: addr(1), input: "0x", output: `0x${word(victim)}` })]),
  ],
  "relayed-spending of a wrapped coin": [
    spelledOut([], weth),
    spelledOut(
      [frame({ type: "STATICCALL", from: helper, to: addr(1), input: "0x", output: `0x${word(victim)}` })],
      weth,
    ),
  ],
  "forced-spending": [
    tx(bot, "0x11", [
      pull(cow, bot, pool, bot, unit),
      call(bot, pool, "0xfff6cae9"),
      swap2(bot, pool, weth, bot, unit),
    ]),
    tx(bot, "0x11", [send(cow, bot, pool, unit), swap2(bot, pool, weth, bot, unit)]),
  ],
  "forged-callback": [
    call(user, vault, "0x10d1e85c", [bot, 1n, 1n, 128n], [send(usd, vault, user, unit)]),
    call(user, vault, "0x11223344", [bot, 1n, 1n, 128n], [send(usd, vault, user, unit)]),
  ],
  "acting-token": [
    tx(bot, "0x11", [
      call(
        bot,
        vault,
        "0x11223344",
        [],
        [call(vault, helper, "0x095ea7b3", [bot, 1n], [send(usd, helper, bot, unit)])],
      ),
    ]),
    tx(bot, "0x11", [
      call(bot, vault, "0x11223344", [], [approve(helper, vault, bot, 1n), send(usd, vault, bot, unit)]),
    ]),
  ],
  "re-entry": [
    tx(bot, "0x11", [
      call(
        bot,
        vault,
        "0x2e1a7d4e",
        [unit],
        [
          frame({
            from: vault,
            to: bot,
            value: unit,
            calls: [call(bot, vault, "0x2e1a7d4e", [unit], [pay(vault, bot, unit)])],
          }),
        ],
      ),
    ]),
    tx(bot, "0x11", [
      call(bot, vault, "0x2e1a7d4e", [unit], [pay(vault, bot, unit)]),
      call(bot, vault, "0x2e1a7d4e", [unit], [pay(vault, bot, unit)]),
    ]),
  ],
  "round-trip": [
    tx(bot, "0x11", [
      send(usd, bot, pool, 9n * unit),
      swap2(bot, pool, weth, bot, unit),
      take(),
      send(weth, bot, pool, unit),
      swap2(bot, pool, usd, bot, 9n * unit),
    ]),
    tx(bot, "0x11", [
      send(usd, bot, pool, 9n * unit),
      swap2(bot, pool, weth, bot, unit),
      take(),
      send(weth, bot, lender, unit),
      swap2(bot, lender, usd, bot, 9n * unit),
    ]),
  ],
  "flash-deposit": [
    tx(bot, "0x11", [
      lend(bot, lender, dai, unit, [
        pull(dai, vault, bot, vault, unit),
        call(bot, vault, "0x11223344", [], [send(dai, vault, bot, unit), send(usd, vault, bot, unit)]),
      ]),
    ]),
    tx(bot, "0x11", [
      lend(bot, lender, dai, unit, [call(bot, vault, "0x11223344", [], [send(usd, vault, bot, unit)])]),
    ]),
  ],
  helpers: [
    tx(bot, "0x11", [
      lend(bot, lender, dai, unit, [
        create(bot, helper),
        call(bot, helper, "0x22", [], [call(helper, vault, "0x11223344", [], [send(usd, vault, helper, unit)])]),
      ]),
    ]),
    tx(bot, "0x11", [
      lend(bot, lender, dai, unit, [
        call(bot, factory, "0x11223344", [], [create(factory, helper)]),
        call(bot, helper, "0x22", [], [call(helper, vault, "0x11223344", [], [send(usd, vault, bot, unit)])]),
      ]),
    ]),
  ],
  construction: [
    create(user, bot, [take()]),
    create(user, bot, [pull(usd, bot, user, bot, unit), approve(usd, bot, vault)]),
  ],
  "own-token": [
    create(user, bot, [
      create(bot, helper),
      pull(helper, vault, bot, vault, unit),
      call(bot, vault, "0x11223344", [], [send(weth, vault, bot, unit), send(usd, bot, pool, 1n)]),
    ]),
    create(user, bot, [create(bot, helper), send(helper, bot, pool, unit), pull(weth, bot, user, pool, unit)]),
  ],
  emptied: [
    tx(bot, "0x11", [look(usd, bot, vault, 500n * unit), take()]),
    tx(bot, "0x11", [look(usd, bot, vault, 9_000n * unit), take()]),
  ],
  "emptied of a wrapped coin": [
    tx(bot, "0x11", [look(weth, bot, vault, 500n * unit), takeOf(weth)]),
    tx(bot, "0x11", [look(weth, bot, vault, 9_000n * unit), takeOf(weth)]),
  ],
  "false-price": [migration(900n * unit), migration(90n * unit)],
  "foreign-code": [
    tx(bot, "0x11", [
      call(
        bot,
        vault,
        "0x11223344",
        [bot],
        [frame({ type: "DELEGATECALL", from: vault, to: bot, input: "0x55", calls: [send(usd, vault, bot, unit)] })],
      ),
    ]),
    tx(bot, "0x11", [
      call(
        bot,
        vault,
        "0x11223344",
        [bot],
        [frame({ type: "DELEGATECALL", from: vault, to: helper, input: "0x55", calls: [send(usd, vault, bot, unit)] })],
      ),
    ]),
  ],
  allowance: [
    tx(
      bot,
      "0x11",
      [1, 2, 3].map((n) => call(bot, addr(0x900 + n), "0x11223344", [], [approve(usd, addr(0x900 + n), bot)])),
    ),
    tx(
      bot,
      "0x11",
      [1, 2, 3].map((n) => call(bot, addr(0x900 + n), "0x11223344", [], [approve(usd, addr(0x900 + n), addr(0x900))])),
    ),
  ],
  "allowance of so much": [hedged([]), hedged([], victim)],
  initialiser: [
    delegate(call(user, vault, "0xe1c7392a"), addr(0xc0de)),
    delegate(call(user, vault, "0xe1c7392b"), addr(0xc0de)),
  ],
  repetition: [
    tx(bot, "0x11", [
      lend(
        bot,
        lender,
        dai,
        unit,
        Array.from({ length: 8 }, () => take()),
      ),
    ]),
    tx(bot, "0x11", [
      lend(
        bot,
        lender,
        dai,
        unit,
        Array.from({ length: 7 }, () => take()),
      ),
    ]),
  ],
  "pool-resync": [
    tx(bot, "0x11", [
      lend(bot, lender, dai, unit, [call(bot, pool, "0xbc25cf77", [bot], [send(usd, pool, bot, unit)])]),
    ]),
    tx(bot, "0x11", [
      lend(bot, lender, dai, unit, [call(bot, pool, "0x11223344", [bot], [send(usd, pool, bot, unit)])]),
    ]),
  ],
  siblings: [
    tx(bot, "0x11", [
      lend(
        bot,
        lender,
        dai,
        unit,
        siblings((n) => call(addr(n), vault, "0x22", [], [send(usd, vault, bot, unit)])),
      ),
    ]),
    tx(bot, "0x11", [
      lend(
        bot,
        lender,
        dai,
        unit,
        siblings((n) => send(usd, addr(n), bot, unit)),
      ),
    ]),
  ],
  vanishing: [
    tx(bot, "0x11", [lend(bot, lender, dai, unit, [take()]), frame({ type: "SELFDESTRUCT", from: bot, to: user })]),
    tx(bot, "0x11", [lend(bot, lender, dai, unit, [take()]), frame({ type: "SELFDESTRUCT", from: vault, to: user })]),
  ],
  disguise: [
    delegate(call(user, vault, "0x6a761202", [helper, 0n], [ranAs(helper, "0xa9059cbb")]), addr(0xc0de)),
    // A token passes a payment on to its code, which has a part of it in a place of its own.
    delegate(call(user, vault, "0xa9059cbb", [helper, unit], [ranAs(helper, "0xa9059cbb")]), addr(0xc0de)),
  ],
  "paid-entry": [
    payout([
      call(helper, vault, "0x11223344", [1n]),
      call(helper, pool, "0x33445566", [], [send(dai, vault, helper, unit)]),
    ]),
    // It tells a contract that had no part in this.
    payout([call(helper, pool, "0x33445566", [], [send(dai, pool, helper, unit)])]),
  ],
  "foreign-loan": [
    tx(bot, "0x11", [lendTo(vault, [call(vault, pool, "0x11223344", [victim], [send(weth, pool, bot, 5n * unit)])])]),
    // The receiver is a helper of the borrower's, who does what it is told.
    tx(bot, "0x11", [
      lendTo(vault, [
        call(vault, bot, "0x55667788", [1n]),
        call(vault, pool, "0x11223344", [victim], [send(weth, pool, bot, 5n * unit)]),
      ]),
    ]),
  ],
  "outsized-gain": [
    tx(bot, "0x11", [lend(bot, lender, usd, 1000n * unit, [take()])]),
    tx(bot, "0x11", [lend(bot, lender, usd, 1000n * unit, [take(bot, 50n * unit)])]),
  ],
};

type Pair = readonly [attack: CallFrame, lookAlike: CallFrame];

/** `vault` runs the code at `to` as its own. */
function ranAs(to: Address, name: string): CallFrame {
  return { ...call(vault, to, name, [pool, 0n]), type: "DELEGATECALL" };
}

/** A keeper carries out somebody's order at `vault`, and pays ether to `helper`, whose code then does `inside`. */
function payout(inside: readonly CallFrame[]): CallFrame {
  const paid = frame({ from: lender, to: helper, value: unit, calls: inside });
  return call(
    user,
    bot,
    "0x11",
    [],
    [
      call(
        bot,
        lender,
        "0x6f3b2b1c",
        [1n],
        [call(lender, vault, "0x2c668ec1", [1n], [send(weth, vault, lender, unit)]), unwrap(lender, unit), paid],
      ),
    ],
  );
}

/** `bot` borrows of `dai` for `receiver`, whose callback does `inside`. */
function lendTo(receiver: Address, inside: readonly CallFrame[]): CallFrame {
  return call(
    bot,
    dai,
    "0x5cffe9de",
    [receiver, dai, unit, 128n, 0n],
    [call(dai, receiver, "0x23e30c8b", [bot, dai, unit, 0n, 160n, 0n], inside)],
  );
}

/** Money that is locked up and given back, and an allowance of as much for `spender`, which stays; then `after`. */
function hedged(after: readonly CallFrame[], spender: Address = bot): CallFrame {
  return tx(bot, "0x11", [
    lend(bot, lender, usd, unit, [
      pull(usd, vault, bot, vault, unit),
      call(bot, vault, "0x33330001", [bot], [approve(usd, vault, spender, unit)]),
      call(bot, vault, "0x33330002", [1n], [send(usd, vault, bot, unit)]),
    ]),
    ...after,
  ]);
}

/** A locker opens a pool at the caller's price with 10 units of each token, and hands out what is left over. */
function migration(leftOver: bigint): CallFrame {
  const [opened, price] = [helper, 0xfff1b50c90n];
  return tx(bot, "0x11", [
    call(
      bot,
      vault,
      "0xb86f3ea6",
      [1n, price],
      [
        call(
          vault,
          factory,
          "0x13ead562",
          [price],
          [create(factory, opened), call(factory, opened, "0xf637731d", [price])],
        ),
        call(vault, pool, "0x89afcb44", [vault], [send(usd, pool, vault, 10n * unit + leftOver)]),
        send(usd, vault, opened, 10n * unit),
        send(usd, vault, bot, leftOver),
      ],
    ),
  ]);
}

function made(inside: (who: Address) => CallFrame[]): CallFrame[] {
  return Array.from({ length: 24 }, (_, i) => inside(addr(0x5200 + i))).flat();
}

function word(value: Address | bigint): string {
  return (typeof value === "bigint" ? value.toString(16) : value.slice(2)).padStart(64, "0");
}

function siblings(inside: (n: number) => CallFrame): CallFrame[] {
  return Array.from({ length: 8 }, (_, i) => call(bot, addr(0x5100 + i), "0x33445566", [], [inside(0x5100 + i)]));
}

const signsOf = async (trace: CallFrame) =>
  (await judged(trace)).findings.flatMap((f) =>
    f.detector === "call-tree" ? f.reason.split(" show ")[1]!.split(/[ ,.]+/) : [],
  );

describe("CAT-01: each sign", () => {
  test.each(Object.entries(cases))(
    "%s makes its attack critical, and its look-alike is not",
    async (name, [attack, lookAlike]) => {
      const [sign] = name.split(" ");
      expect(await signsOf(attack)).toContain(sign);
      expect([await severityOf(attack), (await severityOf(lookAlike)) === "critical"]).toEqual(["critical", false]);
      expect(await signsOf(lookAlike)).not.toContain(sign);
    },
  );
});

test("behavior: an allowance of so much is a sign where nobody uses it, and none once it is used", async () => {
  expect(await signsOf(hedged([]))).toContain("allowance");
  expect(await signsOf(hedged([pull(usd, bot, vault, victim, unit)]))).not.toContain("allowance");
});

test("CAT-01: a signature of the owner that nobody on the way asked for excuses no spending of his allowance", async () => {
  const recover = (by: Address) =>
    frame({ type: "STATICCALL", from: by, to: addr(1), input: `0x${"11".repeat(128)}`, output: `0x${word(victim)}` });
  const theft = pull(usd, vault, victim, bot, unit);
  const spend = (before: readonly CallFrame[], within: readonly CallFrame[]) =>
    tx(bot, "0x11", [...before, call(bot, vault, "0x11223344", [], [...within, theft])]);
  expect(await severityOf(spend([recover(bot)], []))).toBe("critical");
  const aside = call(bot, pool, "0x11223344", [], [recover(pool)]);
  expect(await severityOf(spend([aside], []))).toBe("critical");
  // The spender had his order checked.
  expect(await severityOf(spend([], [recover(vault)]))).toBeUndefined();
});

test("behavior: loot that goes aside is a gain, however much dust goes to others beside it", async () => {
  const dust = Array.from({ length: 30 }, (_, i) => send(cow, bot, addr(0x5eed00 + i), 1n));
  const emptied = (more: readonly CallFrame[]) =>
    tx(bot, "0x11", [look(usd, bot, vault, 500n * unit), take(addr(0x10077), 500n * unit), ...more]);
  expect(await severityOf(emptied([]))).toBe("critical");
  expect(await severityOf(emptied([pull(cow, bot, bot, bot, 1n), ...dust]))).toBe("critical");
  const inUsd = Array.from({ length: 30 }, (_, i) => send(usd, vault, addr(0x5eed00 + i), 1n));
  expect(await severityOf(emptied(inUsd))).toBe("critical");
});

test("behavior: a long chain of contracts is read once, whatever it costs to make", () => {
  const links = Array.from({ length: 300 }, (_, i) => addr(0x700000 + i));
  const chain = links.reduceRight<CallFrame[]>(
    (below, to, i) => [call(links[i - 1] ?? bot, to, "0x11223344", [], below)],
    [],
  );
  const view = openJudgement(bundleOfTx({ trace: tx(bot, "0x11", chain) }), "live", []).views[0]!;
  expect(storiesOf(view, new Set())).toHaveLength(1);
  const short = openJudgement(bundleOfTx({ trace: tx(bot, "0x11", [call(bot, vault, "0x11223344")]) }), "live", []);
  expect(storiesOf(short.views[0]!, new Set())).toHaveLength(2);
});

test("behavior: a contract that hands all it has to whoever calls is high: its owner could be the caller", async () => {
  const rescue = (held: bigint, given: bigint) =>
    call(user, vault, "0x068acf6c", [usd], [look(usd, vault, vault, held), send(usd, vault, user, given)]);
  expect(await severityOf(rescue(500n * unit, 500n * unit))).toBe("high");
  expect(await severityOf(rescue(9_000n * unit, 500n * unit))).toBeUndefined();
  // A router passes on what it was given in the same transaction.
  const swept = call(
    user,
    vault,
    "0x068acf6c",
    [usd],
    [send(usd, pool, vault, 500n * unit), look(usd, vault, vault, 500n * unit), send(usd, vault, user, 500n * unit)],
  );
  expect(await severityOf(swept)).toBeUndefined();
});

test("CAT-01: strangers' calls, whatever they are, throw nothing and are not critical", async () => {
  await fc.assert(
    fc.asyncProperty(benignFrame, async (trace) => {
      expect(await severityOf(trace)).not.toBe("critical");
    }),
    { numRuns: 200 },
  );
});

test("ASSET-01: a frame that failed is no sign, nor is anything below it", async () => {
  for (const [attack] of Object.values(cases))
    expect(await severityOf({ ...attack, error: "execution reverted" })).toBeUndefined();
});

test("behavior: where state is read it is high at most, and told of victims only", async () => {
  const [attack] = cases["third-party"]!;
  const answer = (reads: readonly unknown[]) =>
    reads.map(() => ({ ok: true as const, value: `0x${word(unit)}` as const }));
  expect(await severityOf(attack, { protect: [vault], answer })).toBe("high");
  expect(await severityOf(attack, { protect: [usd], answer })).toBeUndefined();
  expect(await severityOf(attack, { protect: [usd] })).toBe("high");
  expect(await severityOf(attack, { protect: [addr(0x9999)] })).toBeUndefined();
});

test("EVAL-05: what is said of an attack does not depend on who the actor is", async () => {
  for (const [attack] of Object.values(cases))
    expect(await severityOf(asAnother(attack))).toBe(await severityOf(attack));
});

/** The same transaction by another contract of somebody else. */
function asAnother(trace: CallFrame): CallFrame {
  const rename = (text: string) =>
    text.replaceAll(bot.slice(2), addr(0x123456789abc).slice(2)).replaceAll(user.slice(2), addr(0x77e1).slice(2));
  const [from, to, input] = [trace.from, trace.to, trace.input].map((text) => rename(text) as Address) as [
    Address,
    Address,
    Address,
  ];
  return { ...trace, from, to, input, calls: trace.calls.map(asAnother) };
}

test("behavior: it is told what it lacks", () => {
  expect(detectCallTree.meta.needs).toEqual({ all: ["X", "T"], degraded: ["L"] });
});
