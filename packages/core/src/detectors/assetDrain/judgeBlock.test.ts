import { describe, expect, test } from "vitest";
import { addr, type CaseBlock, frame, runDetector, transferLog } from "../../model/detectorCase.testkit.ts";
import {
  blockOf,
  contract,
  deploy,
  eth,
  helper,
  lastOf,
  loan,
  take,
  thief,
  usd,
  use,
  vault,
} from "./drainCase.testkit.ts";

const stranger = addr(0x5a1);
const times = (count: number, tx: ReturnType<typeof take>) => Array.from({ length: count }, () => tx);
const summed = (blocks: readonly CaseBlock[]) =>
  lastOf(blocks).filter((f) => f.key[0] === "block" || f.key[0] === "hour");
const ten = blockOf(times(10, take(9n)), [[vault, usd, 100n, 10n]]);

describe("a drain cut into transactions of one block", () => {
  test("is critical by the signs of its parts, each of which is only medium", () => {
    expect(
      lastOf([deploy(), ten])
        .filter((f) => f.key[0] !== "block")
        .map((f) => f.severity),
    ).toEqual(Array(10).fill("medium"));
    expect(summed([deploy(), ten])).toMatchObject([
      { severity: "critical", key: ["block"], score: 0.9, evidence: { loss: 0.9, flags: ["Z1", "Z3"] } },
    ]);
  });

  test("is high without a sign", () => {
    expect(summed([ten])).toMatchObject([{ severity: "high", evidence: { flags: ["Z1"] } }]);
  });

  test("one part's sign counts for the parts of the same sender through other contracts", () => {
    const parts = [take(9n), ...times(9, take(9n, { by: helper }))];
    expect(summed([deploy(), blockOf(parts, [[vault, usd, 100n, 10n]])])).toMatchObject([{ severity: "critical" }]);
    const others = [take(9n), ...times(9, take(9n, { by: helper, from: stranger }))];
    expect(summed([deploy(), blockOf(others, [[vault, usd, 100n, 10n]])])).toMatchObject([{ severity: "high" }]);
  });

  test("is told beside a part that is high alone, and not beside one that is critical", () => {
    const high = [take(25n, { by: helper, from: stranger }), ...times(5, take(9n))];
    expect(summed([deploy(), blockOf(high, [[vault, usd, 100n, 30n]])])).toMatchObject([{ severity: "critical" }]);
    const critical = [take(25n), ...times(5, take(9n))];
    expect(summed([deploy(), blockOf(critical, [[vault, usd, 100n, 30n]])])).toEqual([]);
  });

  test("is nothing where as much came in again", () => {
    const back = {
      from: stranger,
      to: vault,
      logs: [transferLog(usd, stranger, vault, 85n)],
      trace: frame({ from: stranger, to: vault }),
    };
    expect(summed([blockOf([...times(10, take(9n)), back], [[vault, usd, 100n, 95n]])])).toEqual([]);
  });

  test("is lowered by a step where each part was paid for with a share of another asset", () => {
    const swap = take(9n, { logs: [transferLog(eth, contract, vault, 100n)], looksAt: [eth] });
    const block = blockOf(times(10, swap), [
      [vault, usd, 100n, 10n],
      [vault, eth, 1000n, 2000n],
    ]);
    expect(summed([deploy(), block])).toMatchObject([{ severity: "high", evidence: { flags: ["Z1", "Z3"] } }]);
  });
});

describe("a drain cut into blocks", () => {
  const drained = (percents: readonly bigint[], seconds = 12, part: Parameters<typeof take>[1] = {}): CaseBlock[] => {
    let held = 1_000_000n;
    return percents.map((percent, i) => {
      const out = (held * percent) / 100n;
      const block = blockOf([take(out, part)], [[vault, usd, held, held - out]]);
      held -= out;
      return { ...block, timestamp: 1_700_000_000 + i * seconds };
    });
  };
  const told = (blocks: readonly CaseBlock[]) =>
    runDetector(use, [vault], blocks).map((list) => list.flatMap((f) => (f.key[0] === "hour" ? [f.severity] : [])));

  test("is critical once 35 % are gone within the hour by the same actors, with a sign", () => {
    expect(told([deploy(), ...drained([19n, 19n, 19n])])).toEqual([[], [], [], ["critical"]]);
  });

  test("is left to outflow without a sign, or where it takes more than an hour", () => {
    expect(told(drained([19n, 19n, 19n])).flat()).toEqual([]);
    expect(told([deploy(), ...drained([19n, 19n, 19n], 2400)]).flat()).toEqual([]);
  });

  test("adds up over new contracts of one deployer and over one sender's contracts", () => {
    const first = drained([19n, 19n, 19n]);
    const by = (n: number, part: Parameters<typeof take>[1]) => drained([19n, 19n, 19n], 12, part)[n]!;
    const sisters = [deploy(), deploy(helper), first[0]!, by(1, { by: helper, from: stranger }), first[2]!];
    expect(told(sisters).at(-1)).toEqual(["critical"]);
    const strangers = [deploy(), deploy(helper, stranger), first[0]!, by(1, { by: helper, from: stranger }), first[2]!];
    expect(told(strangers).flat()).toEqual([]);
  });

  test("is not told twice beside a block that is critical alone", () => {
    expect(told([deploy(), ...drained([19n, 19n], 12, { logs: loan })]).flat()).toEqual([]);
    expect(thief).not.toBe(stranger);
  });
});
