import { describe, expect, test } from "vitest";
import { addr, type CaseBlock, type CaseTx, frame, transferLog } from "../../model/detectorCase.testkit.ts";
import {
  blockOf,
  contract,
  deploy,
  eth,
  lastOf,
  loan,
  looks,
  pay,
  pool,
  poolState,
  type Row,
  take,
  usd,
  vault,
} from "./drainCase.testkit.ts";

/** A young contract takes 500 of 1,000 usd for `paid` eth, and sells `sold` of them to `pool` for `got` eth. */
const arbitrage = (paid: bigint, sold = 500n, got = paid + 1n): CaseTx =>
  take(500n, {
    logs: [
      ...loan,
      transferLog(eth, contract, vault, paid),
      transferLog(usd, contract, pool, sold),
      transferLog(eth, pool, contract, got),
    ],
    looksAt: [eth],
  });
const rows = (paid: bigint, poolHeld = 10_000n): Row[] => [
  [vault, usd, 1000n, 500n],
  [vault, eth, 10n ** 20n, 10n ** 20n + paid],
  [pool, usd, poolHeld, poolHeld + 500n],
];
const withoutQuote = (paid: bigint): CaseBlock => blockOf([arbitrage(paid)], rows(paid));
const vouched = (blocks: readonly CaseBlock[]) => {
  const [finding] = lastOf(blocks);
  return [finding?.severity, finding?.evidence.vouchedByOthers];
};

describe("a buyer in the same transaction", () => {
  const quoted = (
    tx: CaseTx,
    paid: bigint,
    reserves: readonly [bigint, bigint] = [10_000n, 2_000n],
    held = 10_000n,
  ): CaseBlock => ({
    txs: [tx],
    state: poolState(pool, [usd, reserves[0]], [eth, reserves[1]], rows(paid, held)),
  });

  test("vouches where it is an old pool whose own price the holder got", () => {
    expect(vouched([deploy(), quoted(arbitrage(100n), 100n)])).toEqual(["high", true]);
    expect(vouched([deploy(), quoted(arbitrage(80n), 80n)])).toEqual(["high", true]);
  });

  test("does not vouch for what is a fifth below the pool's price", () => {
    expect(vouched([deploy(), quoted(arbitrage(79n), 79n)])).toEqual(["critical", false]);
  });

  test("a friend who buys for one unit does not vouch", () => {
    expect(vouched([deploy(), withoutQuote(1n)])).toEqual(["critical", false]);
    expect(vouched([deploy(), withoutQuote(100n)])).toEqual(["critical", false]);
  });

  test("a pool that was made lately, or that held less than it bought, does not vouch", () => {
    expect(vouched([deploy(), deploy(pool, addr(0xf4)), quoted(arbitrage(100n), 100n)])).toEqual(["critical", false]);
    expect(vouched([deploy(), quoted(arbitrage(100n), 100n, undefined, 499n)])).toEqual(["critical", false]);
  });

  test("the actors' own contract does not vouch, whatever price it tells", () => {
    const paid = transferLog(eth, pool, vault, 100n);
    const tx = take(500n, { by: pool, logs: [...loan, paid], looksAt: [eth] });
    expect(vouched([deploy(), quoted(tx, 100n)])).toEqual(["critical", false]);
  });

  test("does not vouch where it paid a quarter more than the holder got", () => {
    expect(vouched([deploy(), quoted(arbitrage(100n, 500n, 125n), 100n)])).toEqual(["high", true]);
    expect(vouched([deploy(), quoted(arbitrage(100n, 500n, 126n), 100n)])).toEqual(["critical", false]);
  });

  test("vouches for a rate that is the holder's own custom", () => {
    // Two assets leave at once, so that the exchange is not explained by the rate alone.
    const custom = Array.from({ length: 8 }, (): CaseBlock => {
      const calls = [looks(eth), pay(usd, contract, 5n)];
      const trace = frame({ from: addr(0xf5), to: vault, input: "0x11111111", calls });
      const logs = [transferLog(usd, vault, addr(0xf5), 5n), transferLog(eth, addr(0xf5), vault, 1n)];
      return blockOf(
        [{ from: addr(0xf5), to: vault, logs, trace }],
        [
          [vault, usd, 1000n, 995n],
          [vault, eth, 10n ** 20n, 10n ** 20n + 1n],
        ],
      );
    });
    const other = addr(0x7ff);
    const both = (paid: bigint): CaseBlock => {
      const tx = arbitrage(paid);
      return blockOf(
        [{ ...tx, logs: [...tx.logs!, transferLog(other, vault, contract, 1n)] }],
        [...rows(paid), [vault, other, 100n, 99n]],
      );
    };
    expect(vouched([...custom, deploy(), both(100n)])).toEqual(["high", true]);
    expect(vouched([...custom, deploy(), both(80n)])).toEqual(["critical", false]);
    expect(vouched([deploy(), both(100n)])).toEqual(["critical", false]);
  });
});

describe("money of earlier in the block", () => {
  const brought = (amount: bigint): CaseBlock => {
    const [from, logs] = [addr(0xf6), [transferLog(usd, addr(0xf6), vault, amount)]];
    const put = { from, to: vault, logs, trace: frame({ from, to: vault, input: "0x22222222" }) };
    return blockOf([put, take(500n, { logs: loan })], [[vault, usd, 1000n, 500n + amount]]);
  };

  test("speaks for a loss of at most twice as much", () => {
    expect(vouched([deploy(), brought(250n)])).toEqual(["high", true]);
    expect(vouched([deploy(), brought(249n)])).toEqual(["critical", false]);
  });
});
