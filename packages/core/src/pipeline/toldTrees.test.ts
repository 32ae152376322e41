// What a victim believes without asking: a receipt, a payment in code, a balance that fell, the owner's word. Each attack
// stands beside the nearest honest transaction.
import { describe, expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr } from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
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
  tx,
  unit,
  usd,
  user,
  weth,
} from "./trees.testkit.ts";

const place = (n: number): Address => addr(0x70_1d_00 + n);
const [wrapper, pool, sale, token, pair, bento] = [place(0), place(1), place(2), place(3), place(4), place(5)];
const [owner, router, nft, master] = [place(6), place(7), place(8), place(9)];
const severity = (...calls: readonly CallFrame[]) => severityOf(tx(bot, "0x11", calls));

describe("a receipt of nothing", () => {
  const sold = swap2(bot, pool, weth, bot, 40n * unit);
  const receipt = (operator: Address | bigint, from: Address, below: readonly CallFrame[] = []) =>
    call(bot, wrapper, "0xf23a6e61", [operator, from, 0n, 418n, 160n, 0n], below);

  test("that the actors tell a wrapper of themselves is a forged callback", async () => {
    // A gain from a pool alone proves no victim, so that nothing graver is said.
    expect(await severity(receipt(0n, bot), send(wrapper, bot, pool, 9n * unit), sold)).toBe("medium");
    expect(await severity(receipt(bot, bot), send(wrapper, bot, pool, 9n * unit), sold)).toBe("medium");
    const paid = send(usd, wrapper, bot, 50n * unit);
    expect(await severity(receipt(0n, bot), paid)).toBe("critical");
    // Paid to a function that goes by the name of wrapping.
    const wrapping = call(wrapper, bot, "0xd0e30db0", [], [], 50n * unit);
    expect(await severity(receipt(0n, bot), wrapping)).toBe("critical");
  });

  test("look-alike: a collection tells of an item that its owner sent, and a wrapper that looks whether it came", async () => {
    // The collection is called by its owner, and orders nothing itself.
    expect(await severity(receipt(user, user), sold)).not.toBe("critical");
    const checked = { ...call(wrapper, nft, "0x00fdd58e", [wrapper, 418n]), type: "STATICCALL" as const };
    expect(await severity(receipt(bot, bot, [checked]), sold)).not.toBe("critical");
    // Nothing came of it.
    expect(await severity(receipt(0n, bot))).not.toBe("critical");
    // A wallet passes on to its handler what it is told itself.
    const passedOn = call(nft, bot, "0xf23a6e61", [bot, nft, 0n, 418n, 160n, 0n], [receipt(bot, nft)]);
    const minted = call(bot, nft, "0x11223344", [], [passedOn]);
    expect(await severity(minted, send(usd, wrapper, bot, 50n * unit))).not.toBe("critical");
  });
});

describe("a payment in the buyer's own code", () => {
  const buy = (paidIn: Address, ...below: readonly CallFrame[]) =>
    call(bot, sale, "0xf0d6c36c", [paidIn], [pull(paidIn, sale, bot, owner, 12n * unit), ...below]);
  const got = send(token, sale, bot, 24n * unit);

  test("is taken by a sale that lets the buyer name the token: hollow-payment", async () => {
    expect(await severity(buy(bot, got))).toBe("high");
    // It may hand out before it is paid.
    const paid = pull(bot, sale, bot, owner, 12n * unit);
    expect(await severity(call(bot, sale, "0xf0d6c36c", [bot], [got, paid]))).toBe("high");
    // It saw what it held, and gave it all.
    const all = [look(token, sale, sale, 24n * unit), got, paid];
    expect(await severity(call(bot, sale, "0xf0d6c36c", [bot], all))).toBe("critical");
    // What was handed out in another call was not for this.
    expect(
      await severity(call(bot, sale, "0x4e71d92d", [], [got]), call(bot, sale, "0xf0d6c36c", [bot], [paid])),
    ).not.toBe("critical");
  });

  test("look-alike: a token that pays with what its user holds, a token that stands, a token that is asked what it holds, and one that is sold through a pair", async () => {
    const approved = call(
      bot,
      sale,
      "0x8f4ffcb1",
      [user],
      [pull(bot, sale, user, owner, 12n * unit), send(token, sale, user, unit)],
    );
    expect(["high", "critical"]).not.toContain(await severity(approved));
    expect(await severity(buy(usd, got))).not.toBe("critical");
    // The contract that was called first is a token, and pays with itself.
    expect(await severity(buy(bot, look(bot, sale, owner, 0n), got))).not.toBe("critical");
    const swapped = call(
      bot,
      router,
      "0x5c11d795",
      [unit],
      [pull(bot, router, bot, pair, unit), look(bot, pair, pair, 8n * unit), swap2(router, pair, weth, bot, unit)],
    );
    expect(await severity(swapped)).not.toBe("critical");
  });
});

describe("a pair's balance that nobody moved", () => {
  const sync = (left: bigint) =>
    call(bot, pair, "0xfff6cae9", [], [look(token, pair, pair, left), look(usd, pair, pair, 500n * unit)]);
  const take = call(bot, token, "0xec22f4c7", [pair, bot, 900n * unit]);
  const sell = [send(token, bot, pair, 100n * unit), swap2(bot, pair, usd, bot, 490n * unit)];

  test("and that it is told to believe is a lost reserve, be it taken at once or in many steps", async () => {
    expect(await severity(look(token, bot, pair, 1_000n * unit), take, sync(9n * unit), ...sell)).toBe("critical");
    const burnt = (left: bigint) => call(bot, token, "0xa9059cbb", [bot, 0n], [{ ...sync(left), from: token }]);
    const steps = Array.from({ length: 12 }, (_, i) => burnt((1_000n * unit * 70n ** BigInt(i)) / 100n ** BigInt(i)));
    expect(await severity(...steps, ...sell)).toBe("critical");
  });

  test("look-alike: liquidity taken out, tokens that were moved, a rebase of a tenth, and a pair that is told nothing", async () => {
    const before = look(token, bot, pair, 1_000n * unit);
    // Tokens that rebase tell their pair themselves.
    const rebase = (left: bigint) => call(bot, token, "0xaf14052c", [], [{ ...sync(left), from: token }]);
    const out = call(
      bot,
      pair,
      "0x89afcb44",
      [bot],
      [send(token, pair, bot, 900n * unit), send(usd, pair, bot, 450n * unit)],
    );
    for (const calls of [
      [before, send(pair, bot, pair, 600n * unit), out, rebase(100n * unit)],
      [before, send(usd, bot, pair, 4_500n * unit), swap2(bot, pair, token, bot, 900n * unit), sync(100n * unit)],
      [before, call(bot, token, "0xaf14052c"), sync(900n * unit), ...sell],
      [before, look(token, bot, pair, 9n * unit), ...sell],
      // A redenomination, of which nobody has more than before.
      [before, call(bot, token, "0xaf14052c"), sync(unit)],
    ])
      expect(await severity(...calls)).not.toBe("critical");
  });
});

describe("a contract that plays a pool", () => {
  const swap = 1_000n * unit;
  const out = (amount: bigint): Hex => `0x${toWord(unit)}${toWord((1n << 256n) - amount)}`;
  /** The router trades at `at`, which answers that it gave `told`, and pays `paid` of its own into the next pool. */
  const route = (at: Address, told: bigint, paid: bigint, below: readonly CallFrame[] = [], of = usd) =>
    call(
      bot,
      router,
      "0xb9b5149b",
      [at],
      [
        { ...call(router, at, "0x128acb08", [router, 1n, unit], below), output: out(told) },
        send(of, router, pool, paid),
        swap2(router, pool, weth, pair, 40n * unit),
      ],
    );

  test("has a router spend what it never got: false-pool", async () => {
    expect(await severity(route(bot, swap, swap))).toBe("critical");
    // Dust on the way gives nothing, and the coin is as good as a token.
    expect(await severity(route(bot, swap, swap, [send(token, bot, router, 1n)]))).toBe("critical");
    expect(await severity(route(bot, swap, swap, [], weth))).toBe("critical");
    const inCoin = pay(router, pool, swap);
    const [asked] = route(bot, swap, swap).calls;
    expect(await severity({ ...route(bot, swap, swap), calls: [asked!, inCoin] })).toBe("critical");
    // A token that was made for it is no payment.
    expect(await severity(create(bot, nft), send(nft, bot, router, swap), route(bot, swap, swap))).toBe("critical");
    expect(await severity(create(bot, nft), route(bot, swap, swap, [send(nft, bot, router, swap)]))).toBe("critical");
  });

  test("look-alike: a maker who answers what he is due, and pays before, afterwards, by a pull, or by a mint", async () => {
    const asked = { ...call(router, bot, "0x128acb08", [router, 1n, unit]), output: out(swap) };
    const trade = (...more: readonly CallFrame[]) =>
      call(bot, router, "0xb9b5149b", [bot], [asked, send(usd, router, bot, swap), ...more]);
    const due = 990n * unit;
    for (const calls of [
      [send(token, bot, router, due), trade()],
      [trade(), send(token, bot, router, due)],
      [trade(pull(token, router, bot, router, due))],
      [route(bot, swap, swap, [call(bot, token, "0x40c10f19", [router, swap])])],
      [route(bot, swap, swap, [call(bot, token, "0x8fcb4e5b", [router, swap])])],
    ])
      expect(["high", "critical"]).not.toContain(await severity(...calls));
  });

  test("look-alike: a pool that gave, one that is nobody's, and another amount", async () => {
    expect(await severity(route(bot, swap, swap, [send(usd, bot, router, swap)]))).not.toBe("critical");
    expect(await severity(route(nft, swap, swap))).not.toBe("critical");
    expect(await severity(route(bot, swap, swap / 2n))).not.toBe("critical");
  });
});

describe("a foot in the door", () => {
  const held = 60_000n * unit;
  const [lock, market] = [place(20), place(21)];
  const buy = (amount: bigint) => [send(weth, bot, market, unit), swap2(bot, market, token, bot, amount)];
  const emptied = [look(token, bot, lock, held), call(bot, lock, "0xa4b910fb", [7n], [send(token, lock, bot, held)])];

  const foot = send(token, bot, lock, unit);

  test("that is bought at a market does not pay for all that somebody else holds: kept-gain, emptied", async () => {
    expect(await severity(...buy(5n * unit), foot, ...emptied)).toBe("critical");
    // Who lets one in need not be who holds it.
    const staked = call(bot, sale, "0xa694fc3a", [unit], [pull(token, sale, bot, sale, unit)]);
    expect(await severity(...buy(5n * unit), staked, ...emptied)).toBe("critical");
  });

  test("look-alike: as much bought as taken, what was paid to who gave it, and what was bought elsewhere", async () => {
    expect(await severity(...buy(held / 5n), foot, ...emptied)).not.toBe("critical");
    expect(await severity(send(weth, bot, lock, unit), foot, ...emptied)).not.toBe("critical");
    expect(await severity(call(bot, sale, "0xaabbccdd", [], [], unit), ...buy(5n * unit), foot, ...emptied)).not.toBe(
      "critical",
    );
  });

  test("look-alike: a few bought beside what one unlocks, sold beside what one collects, or put in after one took all out", async () => {
    const odd = [send(nft, bot, market, unit), swap2(bot, market, token, bot, 5n * unit)];
    for (const calls of [
      [...buy(5n * unit), ...emptied],
      [...emptied, ...buy(5n * unit)],
      [...odd, ...emptied],
      [...emptied, ...odd, send(token, bot, owner, held)],
      [...buy(5n * unit), ...emptied, foot],
    ])
      expect(["high", "critical"]).not.toContain(await severity(...calls));
    // A script that is created for it, and a claim of many parts.
    const claims = Array.from({ length: 9 }, (_, i) =>
      call(bot, lock, "0xa4b910fb", [BigInt(i)], [send(token, lock, bot, held)]),
    );
    expect(await severityOf({ ...create(user, bot), calls: [...buy(5n * unit), ...claims] })).not.toBe("critical");
  });
});

describe("the owner's word", () => {
  const withdraw = (of: Address, to: Address) =>
    call(bot, bento, "0x97da6d30", [usd, of, to, 70n * unit, 0n], [send(usd, bento, to, 70n * unit)]);
  const grant = (of: Address) => call(bot, bento, "0xc0a47c93", [of, bot, 1n, 0n, 0n, 0n]);

  test("that anybody may give is a foreign exit", async () => {
    expect(await severity(grant(owner), withdraw(owner, bot))).toBe("critical");
  });

  test("look-alike: a collector to whom the owner gave it before", async () => {
    expect(await severity(withdraw(owner, bot))).toBe("high");
  });

  test("look-alike: one's own deposit, another's that goes back to him, and his word signed here", async () => {
    expect(await severity(grant(user), withdraw(user, bot))).not.toBe("critical");
    expect(await severity(grant(owner), withdraw(owner, owner))).not.toBe("critical");
    const recovered = call(bento, addr(1), "0x00000000");
    const checked = {
      ...recovered,
      type: "STATICCALL" as const,
      output: `0x${"0".repeat(24)}${owner.slice(2)}` as const,
    };
    const signed = { ...grant(owner), calls: [checked] };
    expect(await severity(signed, withdraw(owner, bot))).not.toBe("critical");
    // A keeper that puts it in for him elsewhere names him there.
    const put = call(bot, master, "0x47e7ef24", [owner, 70n * unit], [pull(usd, master, bot, master, 70n * unit)]);
    expect(await severity(approve(usd, bot, master), withdraw(owner, bot), put)).not.toBe("critical");
  });
});
