import { describe, expect, test } from "vitest";
import { type CaseBlock, holdings, transferLog, word } from "../../model/detectorCase.testkit.ts";
import { blockOf, contract, deploy, eth, junk, lastOf, loan, type Row, take, usd, vault } from "./drainCase.testkit.ts";

const lots = 10n ** 24n;
const [emptied, half]: Row[] = [
  [vault, usd, lots, 0n],
  [vault, usd, lots, lots / 2n],
];
/** A drain of `amount` by a young contract with a loan, which pays `paid` of `token` for it. */
const paying = (amount: bigint, token: string, paid: bigint, rows: readonly Row[]): CaseBlock =>
  token === "native"
    ? blockOf([take(amount, { logs: loan, value: paid })], rows)
    : blockOf(
        [
          take(amount, {
            logs: [...loan, transferLog(token as typeof usd, contract, vault, paid)],
            looksAt: [token as typeof usd],
          }),
        ],
        rows,
      );

describe("what was paid in", () => {
  test("one unit is no payment, though the vault held one unit of it", () => {
    for (const token of ["native", junk]) {
      const block = paying(lots, token, 1n, [emptied!, [vault, token, 1n, 2n]]);
      expect(lastOf([deploy(), block])).toMatchObject([{ severity: "critical", evidence: { loss: 1, shareIn: 0 } }]);
    }
  });

  test("less than a thousandth of a token is no payment, a whole one may be", () => {
    const held = (amount: bigint): CaseBlock => {
      const block = paying(lots, eth, amount, [emptied!, [vault, eth, amount, 2n * amount]]);
      return { ...block, state: (r) => (r.kind === "call" && r.data === "0x313ce567" ? word(18n) : block.state!(r)) };
    };
    expect(lastOf([deploy(), held(10n ** 15n - 1n)])).toMatchObject([{ severity: "critical" }]);
    expect(lastOf([deploy(), held(10n ** 18n)])).toMatchObject([{ severity: "high" }]);
  });

  test("a share of another asset lowers a loss by one step and takes none away, whatever the share", () => {
    for (const paid of [600n, 1000n, 10n ** 9n]) {
      const block = paying(lots / 2n, eth, paid, [half!, [vault, eth, 1000n, 1000n + paid]]);
      expect(lastOf([deploy(), block])).toMatchObject([{ severity: "high", evidence: { loss: 0.5 } }]);
    }
  });

  test("what the share in leaves open is judged in full", () => {
    const block = paying(lots / 2n, eth, 200n, [half!, [vault, eth, 1000n, 1200n]]);
    expect(lastOf([deploy(), block])).toMatchObject([{ severity: "critical", evidence: { loss: 0.3, shareIn: 0.2 } }]);
  });

  test("without a sign an exchange for a share of another asset is medium", () => {
    const swap = take(lots / 2n, { logs: [transferLog(eth, contract, vault, 600n)], looksAt: [eth] });
    const block = { txs: [swap], state: holdings([half!, [vault, eth, 1000n, 1600n]]) };
    expect(lastOf([block])).toMatchObject([{ severity: "medium" }]);
  });
});
