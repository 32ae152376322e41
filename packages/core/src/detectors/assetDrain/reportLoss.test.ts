import { describe, expect, test } from "vitest";
import { addr, type CaseTx, frame, transferLog } from "../../model/detectorCase.testkit.ts";
import {
  blockOf,
  contract,
  deploy,
  eth,
  helper,
  junk,
  lastOf,
  loan,
  pay,
  pool,
  take,
  thief,
  usd,
  vault,
} from "./drainCase.testkit.ts";

/** The loot is sold at a market that runs its own code, and `to` gets the proceeds. */
const sold = (amount: bigint, to = contract): CaseTx => {
  const tx = take(amount, {
    logs: [...loan, transferLog(usd, contract, pool, amount), transferLog(eth, pool, to, 3n)],
  });
  const market = frame({ from: contract, to: pool, input: "0x22222222" });
  return { ...tx, trace: { ...tx.trace!, calls: [...tx.trace!.calls, market] } };
};
const state = (amount: bigint) => [[vault, usd, 1000n, 1000n - amount]] as const;

describe("loot that was sold", () => {
  test("counts as kept where nothing was paid for it: 19 % sold at a market is critical", () => {
    expect(lastOf([deploy(), blockOf([sold(190n)], state(190n))])).toMatchObject([
      {
        severity: "critical",
        // Whoever is woken reads words.
        reason: expect.stringMatching(/ held of 0x\w+ \(kept by the actors, young contract, flash loan\)\.$/),
        evidence: { flags: ["Z2", "Z3", "Z4"], capture: 1 },
      },
    ]);
  });

  test("counts when a purse gets the proceeds, too", () => {
    expect(lastOf([deploy(), blockOf([sold(190n, helper)], state(190n))])).toMatchObject([{ severity: "critical" }]);
  });

  test("dust and tokens of the actors' own making are no proceeds", () => {
    const swapped = (token: typeof junk, amount: bigint): CaseTx => {
      const logs = [...loan, transferLog(usd, contract, pool, 190n), transferLog(token, pool, contract, amount)];
      return { ...sold(190n), logs: [transferLog(usd, vault, contract, 190n), ...logs] };
    };
    const told = (tx: CaseTx) => lastOf([deploy(), deploy(helper), blockOf([tx], state(190n))]).map((f) => f.severity);
    expect(told(swapped(junk, 2n))).toEqual(["critical"]);
    expect(told(swapped(junk, 1n))).toEqual([]);
    expect(told(swapped(helper, 10n ** 24n))).toEqual([]);
  });

  test("does not count where the vault was paid, as a lender is by who closes a position", () => {
    const repaid = take(190n, {
      logs: [
        ...loan,
        transferLog(usd, contract, pool, 190n),
        transferLog(eth, pool, contract, 3n),
        transferLog(junk, contract, vault, 100n),
      ],
      looksAt: [junk],
    });
    const block = blockOf([repaid], [...state(190n), [vault, junk, 1000n, 1100n]]);
    expect(lastOf([deploy(), block])).toEqual([]);
  });

  test("does not count where the proceeds became collateral: the receipt minted for it is none", () => {
    const [tx, zero] = [sold(190n), addr(0)];
    const deposit = [transferLog(eth, contract, helper, 3n), transferLog(junk, zero, contract, 300n)];
    const market = frame({ from: contract, to: helper, input: "0x22222222" });
    const leveraged = {
      ...tx,
      logs: [...tx.logs!, ...deposit],
      trace: { ...tx.trace!, calls: [...tx.trace!.calls, market] },
    };
    expect(lastOf([deploy(), blockOf([leveraged], state(190n))])).toEqual([]);
  });
});

describe("a small share kept for nothing", () => {
  const given = (token: typeof junk, amount: bigint) =>
    take(4n, { logs: [...loan, transferLog(token, contract, pool, amount)] });
  const rows = (token: typeof junk, held: bigint) =>
    [
      [vault, usd, 1000n, 996n],
      [contract, token, held, 0n],
    ] as const;

  test("stays critical when dust is given away", () => {
    expect(lastOf([deploy(), blockOf([given(junk, 1n)], rows(junk, 1n))])).toMatchObject([{ severity: "critical" }]);
  });

  test("stays critical when tokens of the actors' own making are given away, and ends where others' are", () => {
    const block = blockOf([given(helper, 10n ** 24n)], rows(helper, 10n ** 24n));
    expect(lastOf([deploy(), deploy(helper), block])).toMatchObject([{ severity: "critical" }]);
    expect(lastOf([deploy(), deploy(helper, pool), block])).toEqual([]);
  });
});

describe("own money", () => {
  const put: CaseTx = {
    from: thief,
    to: vault,
    logs: [transferLog(usd, thief, vault, 100n)],
    trace: frame({ from: thief, to: vault, input: "0x22222222" }),
  };
  const deposit = blockOf([put], [[vault, usd, 100n, 200n]]);
  const after = [[vault, usd, 200n, 100n]] as const;

  test("does not mask a theft with a loan (Z4)", () => {
    expect(lastOf([deploy(), deposit, blockOf([take(100n, { logs: loan })], after)])).toMatchObject([
      { severity: "critical", evidence: { flags: ["Z1", "Z2", "Z3", "Z4"], isOwnMoney: false } },
    ]);
  });

  test("does not mask a re-entry (Z5)", () => {
    const again = frame({ from: contract, to: vault, input: "0x33333333" });
    const entry = frame({
      from: contract,
      to: vault,
      input: "0x11111111",
      calls: [frame({ from: vault, to: contract, calls: [again] }), pay(usd, contract, 100n)],
    });
    const tx = { ...take(100n), trace: frame({ from: thief, to: contract, calls: [entry] }) };
    expect(lastOf([deposit, blockOf([tx], after)])).toMatchObject([
      { severity: "critical", evidence: { flags: ["Z1", "Z2", "Z5"] } },
    ]);
  });

  test("comes back as medium through a young contract alone", () => {
    expect(lastOf([deploy(), deposit, blockOf([take(100n)], after)])).toMatchObject([
      { severity: "medium", evidence: { isOwnMoney: true } },
    ]);
  });
});
