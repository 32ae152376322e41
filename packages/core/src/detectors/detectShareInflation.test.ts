import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { useDetector } from "../model/Detector.ts";
import {
  addr,
  type CaseBlock,
  type CaseLog,
  frame,
  runDetector,
  topicOf,
  transferLog,
  word,
} from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import { selector } from "../model/KnownSignature.ts";
import { eventTopic, functionSelector } from "../model/signatureHash.ts";
import { detectShareInflation } from "./detectShareInflation.ts";

const [vault, user, usd] = [addr(0x1001), addr(0xbad), addr(0x701)] as Address[];
const use = useDetector(detectShareInflation);
const wad = 10n ** 18n;
const [assetsCall, rateCall] = ["totalAssets()", "exchangeRateStored()"].map(functionSelector);

type Figures = readonly [assets: bigint, supply: bigint];
const state =
  (call: Hex, before: Figures, after: Figures): NonNullable<CaseBlock["state"]> =>
  (r) => {
    const [assets, supply] = r.at === "parent" ? before : after;
    if (r.kind !== "call" || r.to !== vault) return undefined;
    return r.data === call ? word(assets) : r.data === selector.totalSupply ? word(supply) : undefined;
  };
const touching: CaseBlock = {
  txs: [
    {
      from: user!,
      to: vault!,
      logs: [transferLog(usd!, user!, vault!, 1n)],
      trace: frame({ from: user!, to: vault! }),
    },
  ],
};
const change = (before: Figures, after: Figures, call = assetsCall!): CaseBlock => ({
  ...touching,
  state: state(call, before, after),
});
const told = (...blocks: CaseBlock[]) =>
  runDetector(use, [vault!], blocks).map((found) => found.map((f) => `${f.severity} ${f.evidence.kind}`));

describe("CAT-01: a gift raises what a share is worth", () => {
  test("of a vault with one share: high (Resupply 2025-06)", () => {
    expect(told(change([1n, 1n], [2_000n * wad, 1n]))).toEqual([["high rise"]]);
  });

  test("of an empty lending market: high (Sonne 2024-05, Hundred 2023-04)", () => {
    expect(told(change([2n * wad, 2n], [20_000n * wad, 2n], rateCall))).toEqual([["high rise"]]);
  });

  test("of a full market, in size: high (Venus THE 2026-03); a little: medium", () => {
    expect(told(change([1_000n * wad, 1_000n * wad], [1_060n * wad, 1_000n * wad]))).toEqual([["high rise"]]);
    expect(told(change([1_000n * wad, 1_000n * wad], [1_006n * wad, 1_000n * wad]))).toEqual([["medium rise"]]);
  });
});

test("CAT-01 look-alike: deposits and withdrawals in proportion raise nothing, whatever their size", () => {
  const amount = fc.bigInt(10n ** 6n, 10n ** 24n);
  fc.assert(
    fc.property(amount, amount, fc.bigInt(1n, 3n), (before, after, price) => {
      expect(told(change([before * price, before], [after * price, after]))).toEqual([[]]);
    }),
  );
});

test("CAT-04: the genesis of a market has no price before, and raises nothing; interest neither", () => {
  expect(told(change([0n, 0n], [1_000n * wad, 1_000n]))).toEqual([[]]);
  expect(told(change([500n, 0n], [1_000n * wad, 1_000n * wad]))).toEqual([[]]);
  expect(told(change([1_000n * wad, 1_000n * wad], [1_001n * wad, 1_000n * wad]))).toEqual([[]]);
});

test("CAT-01 evasion: a rise of 0.5 % a block is not told, however many blocks it goes on", () => {
  let assets = 1_000_000n * wad;
  const blocks = Array.from({ length: 20 }, () => {
    const before = assets;
    assets += assets / 200n;
    return change([before, 1_000_000n * wad], [assets, 1_000_000n * wad]);
  });
  expect(told(...blocks).flat()).toEqual([]);
});

test("a fall is damage", () => {
  const [found] = runDetector(use, [vault!], [change([1_000n * wad, 1_000n * wad], [900n * wad, 1_000n * wad])]).flat();
  expect(found).toMatchObject({ severity: "medium", class: "damage", evidence: { kind: "fall", change: -0.1 } });
});

describe("the first depositor", () => {
  const deposit = (assets: bigint, shares: bigint): CaseLog => ({
    address: vault!,
    topics: [eventTopic("Deposit(address,address,uint256,uint256)"), topicOf(user!), topicOf(user!)],
    data: `0x${toWord(assets)}${toWord(shares)}`,
  });
  const block = (log: CaseLog): CaseBlock => ({
    ...change([1n, 1n], [1n, 1n]),
    txs: [{ from: user!, to: vault!, logs: [log] }],
  });

  test("who is given no share for his assets is told as damage, critical", () => {
    const [found] = runDetector(use, [vault!], [block(deposit(5n, 0n))]).flat();
    expect(found).toMatchObject({ severity: "critical", class: "damage", evidence: { assets: 5n, shares: 0n } });
    expect(told(block(deposit(5n, 1n)), block(deposit(0n, 0n)), block({ ...deposit(5n, 0n), address: usd! }))).toEqual([
      [],
      [],
      [],
    ]);
  });
});

describe("two prices within one transaction", () => {
  const ask = (price: bigint, input = `${functionSelector("convertToAssets(uint256)")}${toWord(wad)}` as Hex) =>
    frame({ from: user!, to: vault!, type: "STATICCALL", input, output: `0x${toWord(price)}` });
  const asked = (...calls: ReturnType<typeof frame>[]): CaseBlock => ({
    txs: [{ from: user!, to: user!, trace: frame({ from: user!, to: addr(0x99), calls }) }],
    state: state(assetsCall!, [wad, wad], [wad, wad]),
  });

  test("are told although the block ends where it began", () => {
    expect(told(asked(ask(100n), ask(102n), ask(100n)))).toEqual([["high asked-twice"]]);
  });

  test("one that is that of neither block is told, though it was asked for once, as a word of an account's snapshot too", () => {
    const once = (call: ReturnType<typeof frame>, around: bigint): CaseBlock => ({
      ...asked(call),
      state: (r) => {
        if (r.kind !== "call" || r.to !== vault || r.data !== call.input) return undefined;
        const words = call.input.length === 10 ? [around] : [0n, 7n, 8n, around];
        return { ok: true, value: `0x${words.map(toWord).join("")}` };
      },
    });
    const rate = ask(900n, rateCall!);
    expect(told(once(rate, 100n), once(rate, 899n), once(rate, 901n))).toEqual([["high asked-off"], [], []]);
    const snapshot: ReturnType<typeof frame> = {
      ...ask(0n, `${functionSelector("getAccountSnapshot(address)")}${toWord(user!)}` as Hex),
      output: `0x${[0n, 7n, 8n, 900n].map(toWord).join("")}`,
    };
    expect(told(once(snapshot, 100n), once(snapshot, 900n))).toEqual([["high asked-off"], []]);
  });

  test("are none below the threshold, for another question, or where one of them failed", () => {
    expect(told(asked(ask(1_000n), ask(1_005n)))).toEqual([[]]);
    expect(
      told(asked(ask(100n), ask(200n, `${functionSelector("convertToAssets(uint256)")}${toWord(2n * wad)}`))),
    ).toEqual([[]]);
    expect(told(asked(ask(100n), { ...ask(200n), error: "execution reverted" }))).toEqual([[]]);
  });
});

test("an address that tells no price of a share is asked once, and a node's failure teaches nothing", () => {
  const cells = new Map();
  let asked = 0;
  const silent: CaseBlock = {
    ...touching,
    state: () => {
      asked += 1;
      return undefined;
    },
  };
  runDetector(use, [vault!], [silent, silent], cells);
  expect([asked, cells.get(`share-inflation/kind:${vault}`)]).toEqual([6, "none"]);
  const away: CaseBlock = { ...touching, state: () => ({ ok: false, error: "unavailable: away" }) };
  expect(told(away, change([1n, 1n], [9n, 1n]))).toEqual([[], ["high rise"]]);
});

test("CAT-03: the change follows from the evidence", () => {
  const [found] = runDetector(use, [vault!], [change([1_000n, 2_000n], [3_000n, 4_000n])]).flat();
  const evidence = found!.evidence as unknown as Record<string, number>;
  const price = (when: string) => Number(evidence[`assets${when}`]) / Number(evidence[`supply${when}`]);
  expect(price("After") / price("Before") - 1).toBeCloseTo(evidence.change!, 6);
});
