// Who is named, and what is told: amounts that the taker's own contract tells, positions of others, lists of one and the same,
// contracts that play a collection. Each attack stands beside the nearest honest transaction.
import { describe, expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr } from "../model/detectorCase.testkit.ts";
import { type Address, toWord } from "../model/Hex.ts";
import {
  bot,
  call,
  create,
  judged,
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

const place = (n: number): Address => addr(0x7b70 + n);
const [rewards, token, vault, owner, pool, helper] = [place(0), place(1), place(2), place(3), place(4), place(5)];
const [nft, market, router] = [place(6), place(7), place(8)];
const amount = 12_345n * unit;
const telling = (frame: CallFrame, value: bigint): CallFrame => ({ ...frame, output: `0x${toWord(value)}` });
const times = <T>(count: number, one: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => one(i));

describe("an amount that the taker's own contract told", () => {
  /** Rewards for `told`, as `asked` says. */
  const claim = (asked: Address, told: bigint, paid: bigint) =>
    call(
      bot,
      rewards,
      "0x23446652",
      [asked, bot],
      [telling(call(rewards, asked, "0x011f20bf", [bot]), told), call(rewards, token, "0x343028e7", [bot, paid])],
    );

  test("is paid out: told-amount", async () => {
    const gain = send(usd, pool, bot, unit);
    expect(await severityOf(tx(bot, "0x11", [create(bot, helper), claim(helper, amount, amount), gain]))).toBe(
      "critical",
    );
  });

  test("is paid out to the contract that the transaction creates, and acts as it is created: told-amount", async () => {
    const told = async (receiver: Address) => {
      const [asked] = claim(helper, amount, amount).calls;
      const paid = call(rewards, token, "0x343028e7", [receiver, amount]);
      const calls = [create(bot, helper), call(bot, rewards, "0x23446652", [helper], [asked!, paid])];
      const { findings } = await judged({ ...create(user, bot), calls: [...calls, send(usd, pool, user, unit)] });
      return findings.some(({ reason }) => reason.includes("told-amount"));
    };
    // The look-alike: a new vault is asked what it wants, and gets it.
    expect([await told(bot), await told(helper)]).toEqual([true, false]);
  });

  test("look-alike: a token that is launched by what the transaction creates, and deposited for as many receipts", async () => {
    const receipt = call(vault, token, "0x40c10f19", [bot, amount]);
    for (const asked of [
      look(helper, vault, vault, amount),
      look(helper, vault, bot, amount),
      telling(call(vault, helper, "0x18160ddd"), amount),
    ]) {
      const lock = call(bot, vault, "0xf435f5a7", [helper], [asked, pull(helper, vault, bot, vault, amount), receipt]);
      expect(await severityOf({ ...create(user, bot), calls: [create(bot, helper), lock] })).not.toBe("critical");
    }
  });

  test("look-alike: what a contract that was made gets itself, times, addresses, approvals and views", async () => {
    const told = (value: bigint, to: Address, name = "0x343028e7", type: "CALL" | "STATICCALL" = "CALL") => [
      create(bot, helper),
      call(
        bot,
        rewards,
        "0x23446652",
        [helper],
        [telling(call(rewards, helper, "0x011f20bf"), value), { ...call(rewards, token, name, [to, value]), type }],
      ),
      send(usd, vault, bot, amount),
    ];
    expect(await severityOf(tx(bot, "0x11", told(amount, bot)))).toBe("critical");
    for (const calls of [
      told(amount, helper),
      told(1_780_000_000n, bot),
      told(BigInt(owner) + (0xabn << 150n), bot),
      told(amount, bot, "0x095ea7b3"),
      told(amount, bot, "0x343028e7", "STATICCALL"),
    ])
      expect(await severityOf(tx(bot, "0x11", calls))).not.toBe("critical");
  });

  test("look-alike: a staking that stands, another amount, and a token that was made and is counted", async () => {
    expect(await severityOf(tx(bot, "0x11", [claim(helper, amount, amount)]))).not.toBe("critical");
    expect(await severityOf(tx(bot, "0x11", [create(bot, helper), claim(helper, amount, amount / 2n)]))).not.toBe(
      "critical",
    );
    const counted = call(
      bot,
      rewards,
      "0x23446652",
      [helper],
      [look(helper, rewards, rewards, amount), send(helper, rewards, bot, amount)],
    );
    expect(await severityOf(tx(bot, "0x11", [create(bot, helper), counted]))).not.toBe("critical");
  });
});

describe("a position of somebody else", () => {
  const exit = (of: Address, to: Address) =>
    call(bot, vault, "0xba087652", [unit, to, of], [send(usd, vault, to, amount)]);
  const exitPool = (of: Address, to: Address) =>
    call(bot, vault, "0x8bdb3913", [7n, of, to, 128n], [send(usd, vault, to, amount)]);

  test("is ended, and its worth kept: foreign-exit", async () => {
    expect(await severityOf(tx(bot, "0x11", [exitPool(owner, bot)]))).toBe("critical");
    expect(await severityOf(tx(bot, "0x11", [exit(owner, bot)]))).toBe("high");
  });

  test("BAR-04: all that three and more have ends with one who only receives: foreign-exit, and two are one owner's wallets", async () => {
    const purse = place(20);
    const asked = (i: number, shares = unit) => look(vault, bot, place(30 + i), shares);
    const ends = (count: number, to: Address, shares?: bigint) =>
      tx(bot, "0x11", times(count, (i) => [asked(i, shares), exit(place(30 + i), to)]).flat());
    expect(await severityOf(ends(3, purse))).toBe("critical");
    expect(await severityOf(ends(3, bot))).toBe("critical");
    expect(await severityOf(ends(2, purse))).not.toBe("critical");
    expect(await severityOf(ends(2, bot))).not.toBe("critical");
    // An operator takes what it was told to, whatever there is.
    expect(await severityOf(ends(9, purse, 2n * unit))).not.toBe("critical");
    expect(
      await severityOf(
        tx(
          bot,
          "0x11",
          times(9, (i) => exit(place(30 + i), purse)),
        ),
      ),
    ).not.toBe("critical");
    const toEach = times(5, (i) => [asked(i), exit(place(30 + i), place(30 + i))]).flat();
    expect(await severityOf(tx(bot, "0x11", toEach))).not.toBe("critical");
  });

  test("look-alike: a migration that names its forty owners in one call", async () => {
    const moved = call(bot, router, "0x11223344", [64n, 40n, ...times(40, (i) => place(100 + i))], []);
    const ends = times(40, (i) => [look(vault, bot, place(100 + i), unit), exit(place(100 + i), bot)]).flat();
    expect(await severityOf(tx(bot, "0x11", [...ends, moved]))).not.toBe("critical");
  });

  test("look-alike: a keeper who puts it in elsewhere for its owner, a signed permit, and words that mean something else", async () => {
    const moved = call(bot, router, "0x6e553f65", [amount, owner], [pull(usd, router, bot, router, amount)]);
    expect(await severityOf(tx(bot, "0x11", times(9, () => [exitPool(owner, bot), moved]).flat()))).not.toBe(
      "critical",
    );
    const signed = {
      ...call(vault, addr(1), "0x"),
      type: "STATICCALL" as const,
      output: `0x${toWord(owner)}` as const,
    };
    const permit = call(bot, vault, "0xd505accf", [unit, bot, amount], [signed]);
    expect(await severityOf(tx(bot, "0x11", [permit, exitPool(owner, bot)]))).not.toBe("critical");
    for (const nobody of [addr(0), "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"] as const)
      expect(await severityOf(tx(bot, "0x11", [exit(nobody, bot)]))).not.toBe("high");
  });

  test.each([exit, exitPool])(
    "look-alike: one's own, one that pays its owner, and one whose owner is paid then",
    async (end) => {
      expect(await severityOf(tx(bot, "0x11", [end(user, bot)]))).not.toBe("critical");
      expect(await severityOf(tx(bot, "0x11", [end(owner, owner)]))).not.toBe("critical");
      expect(await severityOf(tx(bot, "0x11", [end(owner, bot), send(usd, bot, owner, (amount * 9n) / 10n)]))).not.toBe(
        "critical",
      );
    },
  );
});

describe("one and the same, again and again", () => {
  const list = (ids: readonly bigint[]) =>
    call(
      bot,
      rewards,
      "0xb7f06dd2",
      [64n, bot, BigInt(ids.length), ...ids],
      ids.map(() => send(token, rewards, bot, amount)),
    );

  test("named in one call, and paid for each: repetition", async () => {
    expect(await severityOf(tx(bot, "0x11", [list(times(30, () => 12n))]))).toBe("critical");
  });

  test("look-alike: as many different ones", async () => {
    expect(await severityOf(tx(bot, "0x11", [list(times(30, (i) => BigInt(i + 1)))]))).not.toBe("critical");
  });

  test("look-alike: boxes of one kind with different prizes, and withdrawals of equal amounts", async () => {
    const boxes = call(
      bot,
      rewards,
      "0xb7f06dd2",
      [64n, bot, 30n, ...times(30, () => 12n)],
      times(30, (i) => send(token, rewards, bot, amount + BigInt(i))),
    );
    expect(await severityOf(tx(bot, "0x11", [boxes]))).not.toBe("critical");
    expect(await severityOf(tx(bot, "0x11", [list(times(30, () => amount))]))).not.toBe("critical");
  });
});

describe("a contract that plays a collection", () => {
  const lend = (by: Address, of: Address) =>
    call(
      by,
      market,
      "0x150b7a02",
      [by, by, 7n],
      [{ ...telling(call(market, of, "0x6352211e", [7n]), BigInt(market)), type: "STATICCALL" as const }],
    );
  const withdraw = (by: Address) => call(by, market, "0xe6200dc2", [], [pay(market, by, 50n * unit)]);

  test("is paid by whoever asked it, and told him itself of what he got: acting-token, forged-callback", async () => {
    expect(await severityOf(tx(bot, "0x11", [lend(bot, bot), withdraw(bot)]))).toBe("critical");
  });

  test("look-alike: a collection that stands, and one that its owner transfers from", async () => {
    expect(["high", "critical"]).not.toContain(await severityOf(tx(bot, "0x11", [lend(bot, nft), withdraw(bot)])));
    const sold = { ...tx(bot, "0x11", [lend(bot, bot), pay(market, user, 50n * unit)]) };
    expect(await severityOf({ ...sold, input: `0x42842e0e${toWord(user)}${toWord(market)}${toWord(7n)}` })).not.toBe(
      "high",
    );
  });
});

describe("collectibles of a stranger", () => {
  const take = (count: number, to: Address, value = 0n, inside: readonly CallFrame[] = []) =>
    tx(
      bot,
      "0x11",
      [
        call(
          bot,
          router,
          "0x97e4ee2a",
          [nft],
          [...times(count, (i) => call(router, nft, "0x42842e0e", [owner, to, BigInt(200 + i)])), ...inside],
          value,
        ),
      ],
      value,
    );

  test("are taken, many for nothing, through whom he trusted: third-party", async () => {
    expect(await severityOf(take(8, bot))).toBe("critical");
  });

  test("look-alike: a gift of few, and bought from somebody who is paid elsewhere", async () => {
    expect(await severityOf(take(7, bot))).toBeUndefined();
    expect(await severityOf(take(9, bot, unit, [pay(router, place(31), unit)]))).not.toBe("critical");
  });
});

describe("a token that comes by a function of its own", () => {
  const issue = (of: bigint) => call(bot, token, "0x32a09b10", [of, 192n, bot, 256n, 288n, 0n]);
  const bare = (of: bigint) => call(bot, token, "0x3a2a6074", [bot, of]);
  /** The pair has `left` after the trade. */
  const dump = (left: bigint) => [
    send(token, bot, pool, amount),
    {
      ...swap2(bot, pool, usd, bot, 900n * unit),
      calls: [...swap2(bot, pool, usd, bot, 900n * unit).calls, look(usd, pool, pool, left)],
    },
  ];

  test("is sold for all that a pool has: unpaid-mint beside a crushed pool", async () => {
    expect(await severityOf(tx(bot, "0x11", [issue(amount), ...dump(unit)]))).toBe("high");
    // Nothing is shown that would entitle anybody to it.
    expect(await severityOf(tx(bot, "0x11", [bare(amount), ...dump(unit)]))).toBe("critical");
    const [, ...trade] = dump(unit);
    const inParts = [send(token, bot, pool, amount / 3n), send(token, bot, pool, amount - amount / 3n), ...trade];
    expect(await severityOf(tx(bot, "0x11", [bare(amount), ...inParts]))).toBe("critical");
    const thrice = times(3, () => bare(amount / 3n));
    expect(await severityOf(tx(bot, "0x11", [...thrice, send(token, bot, pool, amount), ...trade]))).toBe("critical");
    const through = [pull(token, router, bot, router, amount), send(token, router, pool, amount)];
    const sold = call(bot, router, "0x5c11d795", [amount], through);
    expect(await severityOf(tx(bot, "0x11", [bare(amount), sold, ...trade]))).toBe("critical");
  });

  test("look-alike: one's own that is moved, what is staked beside another's crushed pool, and what is burned", async () => {
    const own = (name: string) => call(bot, token, name, [user, amount]);
    // increaseAllowance, pull, transferAndCall, and a move.
    for (const calls of [
      [own("0x39509351"), ...dump(unit)],
      [own("0xf2d5d56b"), ...dump(unit)],
      [own("0x1296ee62"), ...dump(unit)],
      [call(bot, token, "0xbb35783b", [user, bot, amount]), ...dump(unit)],
    ])
      expect(await severityOf(tx(bot, "0x11", calls))).toBeUndefined();
    const [, ...trade] = dump(unit);
    const elsewhere = [send(vault, bot, pool, amount), ...trade];
    const staked = call(bot, rewards, "0xa694fc3a", [amount], [pull(token, rewards, bot, rewards, amount)]);
    expect(await severityOf(tx(bot, "0x11", [bare(amount), staked, ...elsewhere]))).not.toBe("critical");
    const burned = [call(bot, token, "0x42966c68", [amount]), ...elsewhere];
    expect(await severityOf(tx(bot, "0x11", [bare(amount), ...burned]))).toBeUndefined();
  });

  test("look-alike: sold at the market, or another amount", async () => {
    expect(await severityOf(tx(bot, "0x11", [issue(amount), ...dump(100_000n * unit)]))).not.toBe("high");
    expect(await severityOf(tx(bot, "0x11", [issue(amount / 2n), ...dump(unit)]))).not.toBe("high");
    expect(await severityOf(tx(bot, "0x11", [bare(amount), ...dump(100_000n * unit)]))).toBeUndefined();
    expect(
      await severityOf(tx(bot, "0x11", [send(usd, bot, token, unit), bare(amount), ...dump(unit)])),
    ).toBeUndefined();
  });
});

describe("who rules", () => {
  const withdraw = (from: Address, to: Address) =>
    call(bot, from, "0xf14bda2a", [to, usd], [send(usd, from, to, amount)]);
  const rule = (name: string, whom: Address) => call(bot, vault, name, [whom]);

  const sold = [send(usd, bot, pool, amount), swap2(bot, pool, token, bot, unit)];

  test.each([
    ["setAdmin", "0x704b6c02"],
    ["setOwner", "0x13af4035"],
    ["transferOwnership", "0xf2fde38b"],
  ])("BAR-04: who makes himself the one by %s, and sells what he takes: self-appointment", async (_, name) => {
    const { findings, severity } = await judged(tx(bot, "0x11", [rule(name, bot), withdraw(vault, bot), ...sold]));
    expect(severity).toBe("critical");
    expect(findings.some(({ reason }) => reason.includes("self-appointment"))).toBe(true);
  });

  test("BAR-04: who does so of two, and keeps it, is critical; of one, as a Safe that recovers what is stuck, high", async () => {
    const of = (whom: Address) => [call(bot, whom, "0x13af4035", [bot]), withdraw(whom, bot)];
    expect(await severityOf(tx(bot, "0x11", [...of(vault), ...of(rewards)]))).toBe("critical");
    expect(await severityOf(tx(bot, "0x11", of(vault)))).toBe("high");
  });

  test("look-alike: handing over after a withdrawal, naming another, adding oneself, and taking it elsewhere", async () => {
    for (const calls of [
      [withdraw(vault, bot), rule("0xf2fde38b", owner)],
      [withdraw(vault, bot), rule("0x13af4035", bot)],
      [rule("0x13af4035", owner), withdraw(vault, bot)],
      // addMinter(address), addOwner(address)
      [rule("0x983b2d56", bot), withdraw(vault, bot)],
      [rule("0x7065cb48", bot), withdraw(vault, bot)],
      [rule("0x13af4035", bot), withdraw(pool, bot)],
    ])
      expect(await severityOf(tx(bot, "0x11", calls))).not.toBe("critical");
  });

  const words = [usd, token, 18n] as const;
  const setUp = (of: Address, ruler: Address, more: readonly (Address | bigint)[] = words) =>
    call(bot, of, "0xcc2a9a5b", [ruler, ...more]);

  test("BAR-04: who sets two vaults up again with himself, empties them, and sets them up as they were: self-appointment", async () => {
    const robbed = (of: Address) => [setUp(of, bot), withdraw(of, bot), setUp(of, owner)];
    expect(await severityOf(tx(bot, "0x11", [...robbed(vault), ...robbed(rewards)]))).toBe("critical");
    // A vault has no less where it only passes on what it takes out elsewhere.
    const through = [send(usd, pool, vault, amount), withdraw(vault, bot)];
    const passed = [setUp(vault, bot), ...through, setUp(vault, owner)];
    expect(await severityOf(tx(bot, "0x11", [...passed, ...robbed(rewards)]))).toBe("critical");
  });

  test("BAR-04: who says anew who may claim, claims, and sells it: self-appointment", async () => {
    const root = call(bot, vault, "0x7cb64759", [(1n << 255n) + 7n]);
    expect(await severityOf(tx(bot, "0x11", [root, withdraw(vault, bot), ...sold]))).toBe("critical");
    // The look-alike: a claim before, and a root of somewhere else.
    expect(await severityOf(tx(bot, "0x11", [withdraw(vault, bot), ...sold, root]))).not.toBe("critical");
    expect(await severityOf(tx(bot, "0x11", [root, withdraw(rewards, bot), ...sold]))).not.toBe("critical");
  });

  test("BAR-04: it may be a helper that is named, and one who only receives that is paid: self-appointment", async () => {
    const robbed = (of: Address, by: Address, to: Address) => [
      setUp(of, by),
      call(bot, by, "0x12", [], [{ ...withdraw(of, to), from: by }]),
      setUp(of, owner),
    ];
    const of = (by: Address, to: Address) => [vault, rewards].flatMap((a) => robbed(a, by, to));
    expect(await severityOf(tx(bot, "0x11", [create(bot, helper), ...of(helper, helper)]))).toBe("critical");
    expect(await severityOf(tx(bot, "0x11", [create(bot, helper), ...of(helper, place(40))]))).toBe("critical");
  });

  test("look-alike: what is divided with a partner, claims for oneself and for a customer, and a receiver of two words", async () => {
    const partner = place(41);
    const paid = (of: Address, to: Address) => send(usd, of, to, unit);
    /** By the words of `redeem`, of `claimTokens`, of a withdrawal in Morpho's manner. */
    const divided = (of: Address, ...more: readonly (Address | bigint)[]) =>
      [bot, partner].map((to) => call(bot, of, "0x88720467", [to, ...more], [paid(of, to)]));
    const served = (of: Address) =>
      [bot, partner].flatMap((to) => [setUp(of, to), call(bot, of, "0xdbe4ac1e", [to], [paid(of, to)])]);
    const staked = (of: Address) => [
      ...[bot, partner].map((to) => call(bot, of, "0x43a0d066", [7n, to, 1n, 2n], [pull(token, of, bot, of, unit)])),
      call(bot, of, "0x3d18b912", [], [paid(of, bot)]),
    ];
    const received = (of: Address) => [setUp(of, bot, [usd, token]), withdraw(of, bot), setUp(of, owner, [usd, token])];
    const credited = (of: Address) => [setUp(of, bot), setUp(of, partner), withdraw(of, bot)];
    for (const of of [
      (a: Address) => divided(a, unit, bot),
      (a: Address) => divided(a, 64n, 1n, usd),
      (a: Address) => divided(a, usd, token, 86n, unit, 0n, bot),
      served,
      staked,
      received,
      credited,
    ])
      expect(await severityOf(tx(bot, "0x11", [...of(vault), ...of(rewards)]))).not.toBe("critical");
  });

  test("look-alike: a receiver that is set and set back, others set up, other words, and one's own vaults", async () => {
    for (const of of [
      (a: Address) => [setUp(a, bot, []), withdraw(a, bot), setUp(a, owner, [])],
      (a: Address) => [setUp(a, place(40)), withdraw(a, bot), setUp(a, owner)],
      (a: Address) => [setUp(a, bot), withdraw(a, bot), setUp(a, owner, [usd, token, 6n])],
      (a: Address) => [setUp(a, bot), withdraw(a, bot), setUp(a, bot)],
      (a: Address) => [create(bot, a), setUp(a, bot), withdraw(a, bot), setUp(a, owner)],
    ])
      expect(await severityOf(tx(bot, "0x11", [...of(vault), ...of(rewards)]))).not.toBe("critical");
  });

  test("look-alike: what was made here is its maker's", async () => {
    const made = [create(bot, vault), rule("0x13af4035", bot), send(usd, pool, vault, amount), withdraw(vault, bot)];
    expect(await severityOf(tx(bot, "0x11", made))).not.toBe("critical");
  });
});
