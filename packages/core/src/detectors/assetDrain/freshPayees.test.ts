import { describe, expect, test } from "vitest";
import { addr, type CaseTx, frame, holdings, transferLog, word } from "../../model/detectorCase.testkit.ts";
import type { Address } from "../../model/Hex.ts";
import type { StateAnswer, StateRead } from "../../model/StateRead.ts";
import { lastOf, pay, thief, usd, vault } from "./drainCase.testkit.ts";

/** A call by the sender himself, after which the vault pays each of `payees` its amount by its own rules. */
const payout = (payees: readonly (readonly [Address, bigint])[]): CaseTx => ({
  from: thief,
  to: vault,
  logs: payees.map(([to, amount]) => transferLog(usd, vault, to, amount)),
  trace: frame({ from: thief, to: vault, input: "0x11111111", calls: payees.map(([to, n]) => pay(usd, to, n)) }),
});

interface Past {
  readonly coin?: bigint;
  readonly code?: "0x" | "0x60";
  readonly held?: bigint;
}

/** The vault had 1,000 of `usd`; each payee is as `past` says, by default without any. */
const told = (payees: readonly (readonly [Address, bigint])[], past: Past = {}) => {
  const left = payees.reduce((sum, [, amount]) => sum + amount, 0n);
  const { coin = 0n, code = "0x", held = 0n } = past;
  const known = holdings([
    [vault, usd, 1000n, 1000n - left],
    ...payees.map(([to, amount]) => [to, usd, held, held + amount] as const),
  ]);
  const state = (read: StateRead): StateAnswer | undefined => {
    const isPayee = "address" in read && payees.some(([to]) => to === read.address);
    if (isPayee && read.kind === "balance") return word(coin);
    return isPayee && read.kind === "code" ? { ok: true, value: code } : known(read);
  };
  return lastOf([{ txs: [payout(payees)], state }]).map((f) => [
    f.severity,
    (f.evidence as { flags: readonly string[] }).flags.includes("Z9"),
  ]);
};

const payee = addr(0xf1e5);
const many = (count: number, each: bigint) =>
  Array.from({ length: count }, (_, i) => [addr(0xf000 + i), each] as const);

describe("ASSET-06: half of a holding paid to accounts without a past (Z9)", () => {
  test("is critical, less than half is high", () => {
    expect(told([[payee, 500n]])).toEqual([["critical", true]]);
    expect(told([[payee, 499n]])).toEqual([["high", false]]);
  });

  test("is critical when it is split over sixteen, or when a little was paid first to try", () => {
    expect(told(many(16, 50n))).toEqual([["critical", true]]);
    expect(told([[payee, 500n]], { held: 5n })).toEqual([["critical", true]]);
  });

  test("a payee with coin, with code or with some of the asset has a past", () => {
    expect(told([[payee, 500n]], { coin: 1n })).toEqual([["high", false]]);
    expect(told([[payee, 500n]], { code: "0x60" })).toEqual([["high", false]]);
    expect(told([[payee, 500n]], { held: 6n })).toEqual([["high", false]]);
  });

  test("the sender himself is no payee, who fetches what is his", () => {
    expect(told([[thief, 1000n]])).toEqual([["high", false]]);
  });

  test("most of it has to go there: 49 of 100 beside 51 to an account of old is high", () => {
    const old = addr(0x01d);
    const past = (to: Address): Past => (to === old ? { coin: 1n } : {});
    const state = (read: StateRead): StateAnswer | undefined => {
      if (!("address" in read) || ![payee, old].includes(read.address)) return rows(read);
      return read.kind === "balance" ? word(past(read.address).coin ?? 0n) : { ok: true, value: "0x" };
    };
    const rows = holdings([
      [vault, usd, 1000n, 0n],
      [payee, usd, 0n, 490n],
      [old, usd, 0n, 510n],
    ]);
    const paid = payout([
      [payee, 490n],
      [old, 510n],
    ]);
    expect(lastOf([{ txs: [paid], state }])).toMatchObject([{ severity: "high" }]);
  });
});
