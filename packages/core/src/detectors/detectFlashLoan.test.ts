import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zeroAddress } from "../model/Asset.ts";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseBlock, frame, runDetector, transferLog, viewsOf } from "../model/detectorCase.testkit.ts";
import { findFlashLoans } from "../model/FlashLoan.ts";
import { detectFlashLoan } from "./detectFlashLoan.ts";

const [vault, user, contract, lender, usd, eth] = [
  addr(0x1001),
  addr(0xbad),
  addr(0xbad1),
  addr(0x1e4d),
  addr(0x701),
  addr(0x702),
];
const use = useDetector(detectFlashLoan);
const loan = [transferLog(eth, lender, contract, 100n), transferLog(eth, contract, lender, 101n)];
const view = (block: CaseBlock) => viewsOf(block)[0]!;

describe("recognising a loan", () => {
  test("by shape: the same token out and at least as much back, nothing else changed", () => {
    expect(findFlashLoans(view({ txs: [{ from: user, to: contract, logs: loan }] }))).toEqual([
      { lender, by: "shape", asset: eth, amount: 100n },
    ]);
  });

  test("a payment that is only in part given back is none, nor is a swap, nor a refund to the sender", () => {
    const none = [
      [loan[0]!, transferLog(eth, contract, lender, 99n)],
      [transferLog(eth, lender, contract, 100n), transferLog(usd, contract, lender, 100n)],
      [transferLog(eth, user, contract, 100n), transferLog(eth, contract, user, 100n)],
      [transferLog(eth, contract, lender, 100n), transferLog(eth, lender, contract, 100n)],
      [...loan, transferLog(usd, lender, contract, 5n)],
    ];
    for (const logs of none) expect(findFlashLoans(view({ txs: [{ from: user, to: contract, logs }] }))).toEqual([]);
  });

  test("by a callback, whose caller is the lender, but not in a reverted branch", () => {
    const inner = frame({ from: lender, to: contract, input: "0x23e30c8b" });
    expect(
      findFlashLoans(view({ txs: [{ from: user, trace: frame({ from: user, to: contract, calls: [inner] }) }] })),
    ).toMatchObject([{ lender, by: "callback" }]);
    const failed = frame({
      from: user,
      to: contract,
      calls: [frame({ from: contract, to: lender, error: "revert", calls: [inner] })],
    });
    expect(findFlashLoans(view({ txs: [{ from: user, trace: failed }] }))).toEqual([]);
  });

  test("the shape holds for any amount and a fee of up to a tenth", () => {
    fc.assert(
      fc.property(fc.bigInt(10n, 10n ** 30n), fc.bigInt(0n, 10n), (amount, fee) => {
        const logs = [
          transferLog(eth, lender, contract, amount),
          transferLog(eth, contract, lender, amount + (amount * fee) / 100n),
        ];
        expect(findFlashLoans(view({ txs: [{ from: user, to: contract, logs }] }))).toHaveLength(1);
      }),
    );
  });
});

test("severity follows what the vault lost without claims burned for it, and who kept it", () => {
  const block = (logs: typeof loan): CaseBlock => ({ txs: [{ from: user, to: contract, logs: [...loan, ...logs] }] });
  const severity = (b: CaseBlock, u = use) => runDetector(u, [vault], [b])[0]!.map((f) => f.severity);
  expect(severity(block([transferLog(usd, vault, contract, 5n)]))).toEqual(["high"]);
  expect(severity(block([transferLog(usd, vault, addr(0x5e), 5n)]))).toEqual(["medium"]);
  expect(severity(block([transferLog(usd, contract, vault, 5n)]))).toEqual(["low"]);
  expect(severity(block([]))).toEqual([]);
  const redeem = (burned: bigint) => [
    transferLog(usd, vault, contract, 5n),
    transferLog(vault, contract, zeroAddress, burned),
  ];
  expect(severity(block(redeem(5n)))).toEqual(["low"]);
  expect(severity(block(redeem(1n)))).toEqual(["high"]);
  expect(severity(block([]), useDetector(detectFlashLoan, { reportUntouched: true }))).toEqual(["info"]);
});

test("a look-alike: a plain withdrawal without a loan raises nothing", () => {
  expect(
    runDetector(use, [vault], [{ txs: [{ from: user, to: contract, logs: [transferLog(usd, vault, user, 5n)] }] }])[0],
  ).toEqual([]);
});
