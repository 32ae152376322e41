import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseTx, frame, runDetector, topicOf } from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import { eventTopic, functionSelector } from "../model/signatureHash.ts";
import { detectOracleWriter } from "./detectOracleWriter.ts";

const [perp, feed, forwarder, keeper, thief, helper] = [1, 2, 3, 4, 5, 6].map((n) => addr(0x1000 + n)) as Address[];
const one = { name: "feed", oracle: feed!, subject: perp!, writers: [], selectors: [] };
const quick = { learnSeconds: 100, learnWrites: 3 };
const learning = useDetector(detectOracleWriter, { oracles: [one], ...quick });
const confirmed = useDetector(detectOracleWriter, { oracles: [{ ...one, writers: [keeper!] }] });

const setPrices = functionSelector("setPrices(address[],uint256[])");
const write = (claim: Address): Hex => `${setPrices}${toWord(1n)}${claim.slice(2)}`;

/** `from` → `via` → forwarder → feed.setPrices in the name of `claim`; `use`: the perp is entered after it. */
const through = (from: Address, via: Address, claim: Address, use = false): CaseTx => ({
  from,
  to: via,
  trace: frame({
    from,
    to: via,
    calls: [
      frame({
        from: via,
        to: forwarder!,
        calls: [frame({ from: forwarder!, to: feed!, input: write(claim) })],
      }),
      ...(use ? [frame({ from: via, to: perp!, input: "0x11111111" })] : []),
    ],
  }),
});
const direct = (from: Address): CaseTx => ({
  from,
  to: feed!,
  trace: frame({ from, to: feed!, input: write(keeper!) }),
});
const run = (txs: readonly CaseTx[][], use = confirmed) =>
  runDetector(
    use,
    [perp!],
    txs.map((list, i) => ({ txs: list, timestamp: 1_000 + 100 * i })),
  );

test("CAT-01: a forged forwarder that reaches setPrices in the keeper's name is critical where the price is used (KiloEx)", () => {
  const found = run([[through(thief!, helper!, keeper!, true)]])[0]?.[0];
  expect(found).toMatchObject({
    severity: "critical",
    subject: perp,
    reason: 'A price of "feed" was written by a sender that is not known, in the name of a known one, and used.',
    evidence: {
      strangers: [thief],
      claimed: keeper,
      knownWriters: 1,
      usedInSameTransaction: true,
      writes: [{ route: [helper, forwarder], by: setPrices }],
    },
  });
});

test("CAT-01: a reporter who was never seen is told (BonqDAO)", () => {
  const submit = functionSelector("submitValue(bytes32,bytes,uint256,bytes)");
  const report = (from: Address): CaseTx => ({
    from,
    to: helper!,
    trace: frame({
      from,
      to: helper!,
      calls: [frame({ from: helper!, to: feed!, input: submit }), frame({ from: helper!, to: perp!, input: "0x2222" })],
    }),
  });
  const blocks = [[report(keeper!)], [report(keeper!)], [report(keeper!)], [report(keeper!)], [report(thief!)]];
  expect(run(blocks, learning).map((f) => f.map((x) => x.severity))).toEqual([[], [], [], [], ["critical"]]);
});

test("CAT-01 look-alike: the keeper is known through whatever forwarder or multicall, CAT-04: with orders executed in the same bundle", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0x2000, max: 0x3000 }).map(addr),
      fc.boolean(),
      fc.constantFrom(keeper!, thief!),
      (via, use, claim) => {
        expect(run([[through(keeper!, via, claim, use)]])).toEqual([[]]);
      },
    ),
  );
});

test("CAT-01 evasion: the keeper's own key raises nothing", () => {
  expect(run([[direct(keeper!)]])).toEqual([[]]);
});

describe("learning", () => {
  test("goes on for the time and the number of writes, whichever is later; then the set is closed", () => {
    const told = run(
      [[direct(keeper!)], [direct(helper!)], [direct(keeper!)], [direct(helper!)], [direct(thief!)]],
      learning,
    );
    expect(told.map((f) => f.length)).toEqual([0, 0, 0, 0, 1]);
    // The thief is not learned by trying.
    const again = run(
      [[direct(keeper!)], [direct(keeper!)], [direct(keeper!)], [direct(thief!)], [direct(thief!)]],
      learning,
    );
    expect(again.map((f) => f.length)).toEqual([0, 0, 0, 1, 1]);
  });

  test("a reverted attempt teaches nothing", () => {
    const failed = { ...direct(thief!), trace: { ...direct(thief!).trace!, error: "execution reverted" } };
    const blocks = [[failed], [failed], [direct(keeper!)], [direct(keeper!)], [direct(keeper!)], [direct(thief!)]];
    expect(run(blocks, learning).map((f) => f.length)).toEqual([0, 0, 0, 0, 0, 1]);
  });

  test("more writers than can be kept say so once, and nothing after", () => {
    const small = useDetector(detectOracleWriter, { oracles: [one], ...quick, maxWriters: 2 });
    const crowd = Array.from({ length: 8 }, (_, i) => [direct(addr(0x5000 + i))]);
    const cells = new Map();
    const found = runDetector(
      small,
      [perp!],
      crowd.map((txs, i) => ({ txs, timestamp: 1_000 + 100 * i })),
      cells,
    );
    expect(found.flat().map((f) => `${f.severity} ${f.evidence.kind}`)).toEqual(["low open"]);
    expect(cells.get("oracle-writer/writers:feed")).toHaveLength(2);
  });
});

test("without traces a call from outside counts, and a known price event", () => {
  const bare = (tx: CaseTx) => runDetector(confirmed, [perp!], [{ has: ["L", "X", "H"], txs: [tx] }]).flat();
  expect(bare({ from: thief!, to: feed!, input: write(keeper!) })).toMatchObject([{ severity: "high" }]);
  const log = {
    address: feed!,
    topics: [eventTopic("AnswerUpdated(int256,uint256,uint256)"), topicOf(1n)],
    data: "0x" as Hex,
  };
  expect(bare({ from: thief!, to: helper!, logs: [log] })).toMatchObject([{ severity: "high" }]);
  expect(bare({ from: keeper!, to: helper!, logs: [log] })).toEqual([]);
  expect(bare({ from: thief!, to: helper!, logs: [{ ...log, address: helper! }] })).toEqual([]);
});

test("reading a price, and functions that write none, raise nothing", () => {
  const read = frame({ from: thief!, to: feed!, input: write(keeper!), type: "STATICCALL" });
  const other = frame({ from: thief!, to: feed!, input: "0x12345678" });
  expect(run([[{ from: thief!, trace: read }], [{ from: thief!, trace: other }]])).toEqual([[], []]);
  const named = useDetector(detectOracleWriter, {
    oracles: [{ ...one, writers: [keeper!], selectors: ["0x12345678"] }],
  });
  expect(run([[{ from: thief!, trace: other }]], named)).toMatchObject([[{ severity: "high" }]]);
});
