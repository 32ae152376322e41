// What the actors keep, and what pays for it: balances that were put there, measured or passed on, and houses that pay each other.
import { expect, test } from "vitest";
import { findUnpaidIssue } from "../detectors/callTree/findUnpaidIssue.ts";
import { storyOf } from "../detectors/callTree/Story.ts";
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr } from "../model/detectorCase.testkit.ts";
import type { Address } from "../model/Hex.ts";
import { openJudgement } from "./judge.ts";
import { bundleOfTx } from "./TxCase.ts";
import {
  approve,
  bot,
  call,
  cow,
  dai,
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
  wrap,
} from "./trees.testkit.ts";

test("CAT-01: a contract that hands all it has to whoever calls is emptied, however much the actors put there before", async () => {
  const rescue = (put: bigint, held: bigint) =>
    tx(bot, "0x11", [
      lend(bot, lender, weth, put, [
        send(weth, bot, vault, put),
        call(
          bot,
          vault,
          "0xe16d9ce5",
          [held, bot],
          [look(weth, vault, vault, held), unwrap(vault, held), pay(vault, bot, held)],
        ),
        wrap(bot, put),
      ]),
    ]);
  expect(await severityOf(rescue(500n * unit, 520n * unit))).toBe("critical");
  // Nothing but what the actors put there, as a router gives it on, or what is left over of that.
  expect(await severityOf(rescue(500n * unit, 500n * unit))).toBeUndefined();
  expect(await severityOf(rescue(500n * unit, 500n * unit + 1n))).toBeUndefined();
});

test("CAT-01: a mint of another name whose amount was measured by what a pool holds is critical by itself", async () => {
  const [mint, held] = ["0xa7c861da", 62_802n * unit + 17n];
  const issued = (amount: bigint, seen: bigint) =>
    tx(bot, "0x11", [
      look(cow, bot, pool, seen),
      call(bot, cow, mint, [0n, bot, amount, 128n, 0n]),
      send(cow, bot, pool, amount),
      swap2(bot, pool, usd, bot, 500n * unit),
    ]);
  expect(await severityOf(issued(held, held))).toBe("critical");
  expect(await severityOf(issued(50n * held, held))).toBe("critical");
  // What somebody is due has nothing to do with what a pool happens to hold.
  expect(await severityOf(issued(held - 1n, held))).toBeUndefined();
  expect(await severityOf(issued(5_000n * unit, 3n * unit))).toBeUndefined();
});

test("CAT-01: whom a well-known lender calls back by the sender's own order acts for him, as with any other lender", async () => {
  const balancer: Address = "0xba12222222228d8ba445958a75a0704d566bf2c8";
  const ordered = (of: Address, ...inside: readonly CallFrame[]) => {
    const loan = lend(bot, of, usd, 90n * unit, [send(usd, bot, vault, 90n * unit), ...inside]);
    return { ...loan, from: user, calls: [...loan.calls, send(usd, bot, user, 510n * unit)] };
  };
  const paid = call(bot, vault, "0xcbdcb9ac", [3n], [send(usd, vault, bot, 600n * unit)]);
  for (const of of [lender, balancer]) expect(await severityOf(ordered(of, paid))).toBe("critical");
  expect(await severityOf(ordered(balancer, paid), { protect: [vault, balancer] })).toBe("critical");
});

test("CAT-01: what came in before a contract looked at what it has is not its own, nor are leftovers", async () => {
  const claim = call(bot, helper, "0x4e71d92d", [], [send(usd, helper, bot, 3n * unit)]);
  const left = unit / 1_000n;
  const unwrapped = [
    look(weth, vault, vault, 500n * unit + left),
    unwrap(vault, 500n * unit + left),
    pay(vault, bot, 500n * unit + left),
  ];
  const routed = lend(bot, lender, weth, 500n * unit, [
    send(weth, bot, vault, 500n * unit),
    call(bot, vault, "0x49404b7c", [0n, bot], unwrapped),
    wrap(bot, 500n * unit),
  ]);
  expect(await severityOf(tx(bot, "0x11", [routed, claim]))).toBe("high");
  // Who puts in and takes out a little more leaves what was there.
  const put = [look(usd, vault, vault, 1_000n * unit), pull(usd, vault, bot, vault, 1_000n * unit)];
  const more = [
    approve(usd, bot, vault),
    call(bot, vault, "0xb6b55f25", [1_000n * unit], put),
    call(bot, vault, "0x3ccfd60b", [1_005n * unit], [send(usd, vault, bot, 1_005n * unit)]),
  ];
  expect(await severityOf(tx(bot, "0x11", more))).toBe("high");
  const harvest = [
    look(usd, vault, vault, 100n * unit),
    call(vault, helper, "0x4641257e", [], [send(usd, helper, vault, 900n * unit)]),
    send(usd, vault, helper, 900n * unit),
    send(usd, vault, bot, unit),
  ];
  expect(await severityOf(tx(bot, "0x11", [call(bot, vault, "0x4641257d", [], harvest)]))).toBeUndefined();
});

test("CAT-01: a house that brings what lay idle where it was paid is paid", async () => {
  const bring = [
    pull(dai, vault, bot, vault, 100n * unit),
    send(dai, vault, helper, 110n * unit),
    call(vault, helper, "0x4e71d92e", [bot], [send(usd, helper, bot, 200n * unit)]),
  ];
  const lent = lend(bot, lender, dai, 100n * unit, [
    call(bot, vault, "0x52bbbe29", [dai, usd], bring),
    send(usd, bot, pool, 110n * unit),
    swap2(bot, pool, dai, bot, 101n * unit),
  ]);
  const { findings } = await judged(tx(bot, "0x11", [lent]));
  expect(findings.map(({ reason }) => reason).join(" ")).not.toContain("one-sided-loss");
});

test("look-alike: an amount that divides by what somebody holds since both are round, or as he gets one for one", async () => {
  const issue = (amount: bigint, to: Address, held: bigint) => [
    look(cow, bot, to, held),
    call(bot, cow, "0xa7c861da", [bot, amount]),
    send(cow, bot, to, amount),
  ];
  const [held, sold] = [123_456_789_017n * 10n ** 9n, swap2(bot, pool, usd, bot, 500n * unit)];
  expect(await severityOf(tx(bot, "0x11", [...issue(5_000n * unit, pool, 1_000n * unit), sold]))).toBeUndefined();
  expect(await severityOf(tx(bot, "0x11", issue(held, victim, held)))).toBeUndefined();
  expect(await severityOf(tx(bot, "0x11", [...issue(held, pool, held), sold]))).toBe("critical");
});

test("CAT-01: an issue to many buyers looks through the calls as often as one to few", () => {
  const looksFor = (count: number) => {
    const buyers = Array.from({ length: count }, (_, i) => send(cow, bot, addr(0x71_2d_00_00 + i), unit));
    const issue = call(bot, cow, "0xa7c861da", [bot, BigInt(count) * unit]);
    const trace = tx(bot, "0x11", [look(cow, bot, pool, 7n), issue, ...buyers, swap2(bot, pool, usd, bot, unit)]);
    const story = storyOf(openJudgement(bundleOfTx({ trace }), "live", []).views[0]!, new Set([user, bot]));
    let looks = 0;
    const counted = {
      ...story,
      get visits() {
        looks += 1;
        return story.visits;
      },
    };
    expect(findUnpaidIssue(counted)).toBeDefined();
    return looks;
  };
  expect(looksFor(400)).toBe(looksFor(4));
});

test("CAT-01: what a pair gives another of its own loss, as a fee, pays it nothing for what it lent", async () => {
  const lent = (paid: CallFrame, fee: CallFrame) =>
    tx(bot, "0x11", [
      call(
        bot,
        pool,
        "0x022c0d9f",
        [500n * unit, 0n, bot, 128n, 1n],
        [
          send(usd, pool, bot, 500n * unit),
          call(pool, bot, "0x10d1e85c", [bot, 500n * unit, 0n, 128n, 0n], [paid]),
          look(usd, pool, pool, 40n * unit),
          fee,
          call(pool, helper, "0x2a355f7c", [usd, bot]),
        ],
      ),
    ]);
  const [short, fee] = [send(usd, bot, pool, 50n * unit), send(usd, pool, helper, 25n * 10n ** 16n)];
  const shown = async (paid: CallFrame, after: CallFrame) =>
    (await judged(lent(paid, after))).findings.map(({ reason }) => reason).join(" ");
  expect(await shown(short, fee)).toContain("one-sided-loss");
  // A fee that the actors pay is paid, and so is a pair in its other token.
  expect(await shown(short, send(usd, bot, helper, 25n * 10n ** 16n))).not.toContain("one-sided-loss");
  expect(await shown(send(weth, bot, pool, unit), fee)).not.toContain("one-sided-loss");
});
