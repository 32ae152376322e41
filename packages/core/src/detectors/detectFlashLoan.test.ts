import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zeroAddress } from "../model/Asset.ts";
import { benignFrame, benignLogs, setInto, surroundings } from "../model/benignFrames.testkit.ts";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseBlock, frame, runDetector, transferLog, viewsOf } from "../model/detectorCase.testkit.ts";
import type { Hex } from "../model/Hex.ts";
import { findFlashLoans, flashCallbacks, flashEvents, flashFunctions } from "../signs/FlashLoan.ts";
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

  describe("by mint and burn", () => {
    const [minted, burned] = [
      transferLog(eth, zeroAddress, contract, 100n),
      transferLog(eth, contract, zeroAddress, 100n),
    ];
    const found = (logs: readonly ReturnType<typeof transferLog>[], trace = frame({ from: user, to: contract })) =>
      findFlashLoans(view({ txs: [{ from: user, to: contract, logs, trace }] }));

    test("a token made for nothing and destroyed at the same borrower is a loan of its contract", () => {
      expect(found([minted, burned])).toEqual([{ lender: eth, by: "shape", asset: eth, amount: 100n }]);
      expect(found([minted, transferLog(eth, contract, zeroAddress, 101n)])).toHaveLength(1);
    });

    test("what was paid first hides it only where no callback shows it", () => {
      const dust = transferLog(usd, contract, addr(0x0e), 1n);
      const callback = frame({ from: eth, to: contract, input: "0x12345678" });
      const lent = frame({ from: user, to: contract, calls: [frame({ from: contract, to: eth, calls: [callback] })] });
      expect(found([dust, minted, burned])).toEqual([]);
      expect(found([dust, minted, burned], lent)).toMatchObject([{ lender: eth, by: "shape" }]);
    });

    test("without a trace none is known, because a coin may have been paid for in native value", () => {
      expect(findFlashLoans(view({ txs: [{ from: user, to: contract, logs: [minted, burned] }] }))).toEqual([]);
      const wrap = frame({ from: contract, to: eth, value: 100n, input: "0xd0e30db0" });
      expect(found([minted, burned], frame({ from: user, to: contract, calls: [wrap] }))).toEqual([]);
    });

    test("shares, pool tokens, wrapped coins, other holders, parts and the wrong order are none", () => {
      const put = transferLog(usd, contract, eth, 5n);
      const back = transferLog(usd, eth, contract, 5n);
      const none = [
        [put, minted, burned, back],
        [minted, burned, back],
        [minted, transferLog(eth, addr(0x0e), zeroAddress, 100n)],
        [minted, transferLog(eth, contract, zeroAddress, 99n)],
        [minted, transferLog(eth, contract, zeroAddress, 111n)],
        [burned, minted],
        [minted],
        [burned],
      ];
      for (const logs of none) expect(found(logs)).toEqual([]);
    });
  });

  test("by an event that lenders tell of it with, from the receipt or from the trace", () => {
    const told = { address: lender, topics: [[...flashEvents.keys()][0] as Hex], data: "0x" as const };
    const expected = [{ lender, by: "event", signature: [...flashEvents.values()][0] }];
    expect(findFlashLoans(view({ txs: [{ from: user, to: contract, logs: [told] }] }))).toEqual(expected);
    const inner = frame({ from: contract, to: lender, logs: [told] });
    const trace = frame({ from: user, to: contract, calls: [inner] });
    expect(findFlashLoans(view({ txs: [{ from: user, to: contract, trace }] }))).toEqual(expected);
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

describe("whatever lies around it", () => {
  const amounts = fc.record({
    lent: fc.bigInt(10n, 10n ** 30n),
    fee: fc.bigInt(0n, 10n),
    taken: fc.bigInt(1n, 10n ** 30n),
  });
  const borrow = (lent: bigint, fee: bigint) => [
    transferLog(eth, lender, contract, lent),
    transferLog(eth, contract, lender, lent + (lent * fee) / 100n),
  ];
  const enter = frame({ from: contract, to: vault, input: "0x11111111" });

  test("a loan of any size with a loss of any size that the actors keep is high", () => {
    fc.assert(
      fc.property(amounts, surroundings, benignLogs, fc.boolean(), ({ lent, fee, taken }, around, noise, isTraced) => {
        const [out, back] = borrow(lent, fee);
        const logs = [out!, ...noise, transferLog(usd, vault, contract, taken), back!];
        const trace = isTraced ? { trace: setInto(around, user, contract, [enter]) } : {};
        const [found] = runDetector(use, [vault], [{ txs: [{ from: user, to: contract, logs, ...trace }] }]);
        expect(found).toMatchObject([{ severity: "high", subject: vault, evidence: { gained: [usd] } }]);
      }),
    );
  });

  test("a lender that names itself in a call or callback is found at any place, though nothing moves", () => {
    const named = fc.oneof(
      fc.constantFrom(...flashCallbacks.keys()).map((s) => frame({ from: lender, to: contract, input: s as Hex })),
      fc
        .constantFrom(...flashFunctions.keys())
        .map((s) =>
          frame({ from: contract, to: lender, input: s as Hex, calls: [frame({ from: lender, to: contract })] }),
        ),
    );
    fc.assert(
      fc.property(named, surroundings, (call, around) => {
        const trace = setInto(around, user, contract, [call, enter]);
        const [found] = runDetector(use, [vault], [{ txs: [{ from: user, to: contract, trace }] }]);
        expect(found).toMatchObject([{ severity: "low", evidence: { loans: [{ lender }] } }]);
      }),
    );
  });

  test("dealings with the vault without a loan are none, nor is a loan that passes it by", () => {
    fc.assert(
      fc.property(amounts, surroundings, fc.array(benignFrame), ({ lent, fee, taken }, around, calls) => {
        const plain = {
          from: user,
          to: contract,
          logs: [transferLog(usd, vault, contract, taken)],
          trace: setInto(around, user, contract, [enter, ...calls]),
        };
        const elsewhere = {
          from: user,
          to: contract,
          logs: borrow(lent, fee),
          trace: setInto(around, user, contract, calls),
        };
        expect(runDetector(use, [vault], [{ txs: [plain, elsewhere] }])[0]).toEqual([]);
      }),
    );
  });
});
