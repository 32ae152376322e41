// Business that looks like a payee who enters, a loan for another, a disguise, or an allowance that waits: payouts of keepers,
// helpers of borrowers, tokens that call themselves, and what is approved and used by another name.
import { expect, test } from "vitest";
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr, frame } from "../model/detectorCase.testkit.ts";
import type { Address, Hex } from "../model/Hex.ts";
import {
  approve,
  bot,
  call,
  cow,
  dai,
  delegate,
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

const place = (n: number): Address => addr(0x9a70 + n);
const [keeper, book, vault, ledger, payee, pool] = [place(0), place(1), place(2), place(3), place(4), place(5)];
const [lender, helper, token, code, safe, holder] = [place(6), place(7), place(8), place(9), place(10), place(11)];

const runAs = (
  self: Address,
  from: Address,
  name: string,
  words: readonly (Hex | bigint)[],
  calls: CallFrame[] = [],
) => ({
  ...call(self, from, name, words, calls),
  type: "DELEGATECALL" as const,
});
const paid = (from: Address, to: Address, calls: readonly CallFrame[]) => frame({ from, to, value: unit, calls });

/** A keeper has `book` carry out an order, which tells `ledger` of it and pays ether to `payee`, whose code does `inside`. */
const carryOut = (inside: readonly CallFrame[]) =>
  tx(keeper, "0x11", [
    call(
      keeper,
      book,
      "0x6f3b2b1c",
      [1n],
      [call(book, ledger, "0x70b1b2c3", [1n]), unwrap(book, unit), paid(book, payee, inside)],
    ),
  ]);

/** `bot` has a lender of Aave's kind lend to `helper`, which does `inside`. */
const borrowFor = (inside: readonly CallFrame[]) =>
  tx(bot, "0x11", [
    call(
      bot,
      lender,
      "0x42b0b77c",
      [helper, usd, unit, 160n, 0n, 0n],
      [
        send(usd, lender, helper, unit),
        call(lender, helper, "0x1b11d0ff", [usd, unit, 0n, bot, 160n, 0n], inside),
        pull(usd, lender, helper, lender, unit),
      ],
    ),
  ]);
const bounty = (unit * 21n) / 20n;
const liquidation = [
  call(
    helper,
    lender,
    "0x00a718a9",
    [dai, usd, holder, unit, 0n],
    [pull(usd, lender, helper, lender, unit), send(dai, lender, helper, bounty)],
  ),
];

const honest: Record<string, CallFrame> = {
  "a token that makes two of its own payments in one call": call(
    user,
    token,
    "0xac9650d8",
    [32n],
    [runAs(token, token, "0xa9059cbb", [holder, unit]), runAs(token, token, "0xa9059cbb", [payee, unit])],
  ),
  "the same behind a proxy": delegate(
    call(
      user,
      token,
      "0xac9650d8",
      [32n],
      [runAs(token, token, "0xa9059cbb", [holder, unit], [runAs(token, code, "0xa9059cbb", [holder, unit])])],
    ),
    code,
  ),
  "a token whose book stands elsewhere and runs a module's code": call(
    user,
    token,
    "0xa9059cbb",
    [holder, unit],
    [call(token, vault, "0xe9c4a3ac", [], [runAs(vault, code, "0xa9059cbb", [holder, unit])])],
  ),
  "a token that pays by a signature with the code that it runs already": delegate(
    call(user, token, "0xe3ee160e", [user, holder, unit], [runAs(token, code, "0xa9059cbb", [holder, unit])]),
    code,
  ),
  "a wallet that makes several payments through another's code": delegate(
    call(
      user,
      safe,
      "0x6a761202",
      [code, 0n],
      [runAs(safe, helper, "0x8d80ff0a", [32n], [send(usd, safe, holder, unit)])],
    ),
    code,
  ),
  "a payee that wraps what it is paid and deposits it where the payer had been": carryOut([
    wrap(payee, unit),
    call(payee, ledger, "0x6e553f65", [unit, book], [pull(weth, ledger, payee, ledger, unit)]),
  ]),
  "a payee that buys a token with all of it, and tells the payer's ledger": carryOut([
    call(payee, helper, "0x7ff36ab5", [1n, payee], [swap2(helper, pool, cow, payee, unit)], unit),
    call(payee, ledger, "0x3c6b16ab", [unit], [pull(cow, ledger, payee, ledger, unit)]),
  ]),
  "a payee that notes what it is paid in a book of its own": carryOut([call(payee, vault, "0x70b1b2c4", [unit])]),
  "a payee that divides what it is paid": carryOut([pay(payee, holder, unit / 2n), pay(payee, user, unit / 2n)]),
  "a contract that asked for its payment, and goes on with its work": tx(keeper, "0x11", [
    call(
      keeper,
      payee,
      "0x4641257d",
      [],
      [
        call(payee, ledger, "0x70b1b2c3", [1n]),
        call(payee, book, "0x3ccfd60b", [], [paid(book, payee, [call(payee, ledger, "0x70b1b2c4", [unit])])]),
      ],
    ),
  ]),
  "a loan for a helper that liquidates and sends its owner what it made": borrowFor([
    ...liquidation,
    swap3(helper, pool, [dai, bounty], [usd, bounty]),
    send(usd, helper, user, bounty - unit),
  ]),
  "the same, paid in ether": borrowFor([
    ...liquidation,
    swap3(helper, pool, [dai, bounty], [weth, unit]),
    unwrap(helper, unit),
    pay(helper, user, unit),
  ]),
  "a loan for a helper that has the borrower repay a debt": borrowFor([
    send(usd, helper, bot, unit),
    call(helper, bot, "0x389f87ff", [1n], [call(bot, vault, "0x573ade81", [usd])]),
  ]),
  "an allowance that is taken back": withLoan([
    call(bot, vault, "0x7f5a7c7b", [7n], [approve(usd, vault, bot, unit), approve(usd, vault, bot, 0n)]),
  ]),
  "an allowance for a share, which is redeemed": withLoan([
    call(bot, vault, "0x7f5a7c7b", [7n], [approve(token, vault, bot, unit)]),
    call(bot, token, "0xba087652", [unit, bot, vault], [send(usd, token, bot, unit)]),
  ]),
};

/** A trade on borrowed money that pays, with `calls` in its midst. */
function withLoan(calls: readonly CallFrame[]): CallFrame {
  return tx(bot, "0x11", [
    lend(bot, lender, weth, 10n * unit, [
      ...calls,
      send(weth, bot, pool, unit),
      swap2(bot, pool, usd, bot, 100n * unit),
      send(usd, bot, holder, 99n * unit),
      swap2(bot, holder, weth, bot, 2n * unit),
    ]),
  ]);
}

test.each(Object.entries(honest))("CAT-01 (look-alike): %s is not critical", async (_, trace) => {
  expect(await severityOf(trace)).not.toBe("critical");
});

test("CAT-01: a loan for an older contract of the actors' own hides nothing that it does", async () => {
  const reenter = (inside: readonly CallFrame[]) =>
    call(helper, vault, "0x3ccfd60b", [], [paid(vault, helper, inside)]);
  expect(await severityOf(borrowFor([reenter([reenter([])]), pay(helper, user, 2n * unit)]))).toBe("critical");
});
