import { describe, expect, test } from "vitest";
import {
  addr,
  type CaseBlock,
  frame,
  holdings,
  runDetector,
  topicOf,
  transferLog,
} from "../model/detectorCase.testkit.ts";
import { toWord } from "../model/Hex.ts";
import { topic } from "../model/KnownSignature.ts";
import { zeroConfigDetectors } from "./zeroConfig.ts";

test("ASSET-06: the set needs no settings, and every detector has a runbook and an owner", () => {
  const set = zeroConfigDetectors();
  expect(set.map((d) => d.meta.id)).toMatchInlineSnapshot(`
    [
      "asset-drain",
      "outflow",
      "flash-loan",
      "reentrancy",
      "impact-then-use",
      "admin-change",
      "call-tree",
    ]
  `);
  expect(set.every((d) => d.meta.runbook !== "" && d.meta.owner !== "")).toBe(true);
  expect(new Set(set.map((d) => d.meta.id)).size).toBe(set.length);
  expect(set.some((d) => d.meta.class === "damage") && set.some((d) => d.meta.class === "anomaly")).toBe(true);
});

describe("ASSET-08: without history", () => {
  const [vault, user, contract, usd, pool] = [addr(0x1001), addr(0xbad), addr(0xbad1), addr(0x701), addr(0x9001)];
  const sqrt = (bps: bigint) => ((1n << 96n) * (10_000n + bps)) / 10_000n;
  const swap = {
    address: pool,
    topics: [topic.swapV3, topicOf(user), topicOf(user)],
    data: `0x${[0n, 500n * 10n ** 14n, sqrt(500n), 10n ** 18n, 0n].map(toWord).join("")}` as const,
  };
  const pay = frame({
    from: vault,
    to: usd,
    input: `0xa9059cbb${toWord(contract)}${toWord(900n)}`,
    output: `0x${toWord(1n)}`,
  });
  const theft: CaseBlock = {
    txs: [
      {
        from: user,
        to: contract,
        logs: [swap, transferLog(usd, vault, contract, 900n)],
        trace: frame({
          from: user,
          to: contract,
          calls: [
            frame({ from: contract, to: pool, input: "0x128acb08" }),
            frame({ from: contract, to: vault, input: "0x11111111", calls: [pay] }),
          ],
        }),
      },
    ],
    state: holdings([[vault, usd, 1000n, 100n]]),
  };
  const deploy: CaseBlock = {
    txs: [{ from: user, to: null, trace: frame({ type: "CREATE", from: user, to: contract }) }],
  };
  const judge = (blocks: readonly CaseBlock[]) =>
    zeroConfigDetectors().flatMap((use) =>
      runDetector(use, [vault], blocks)
        .at(-1)!
        .map(({ evidence }) => ({ id: use.meta.id, evidence })),
    );
  const flagsOf = (blocks: readonly CaseBlock[]) =>
    judge(blocks).find(({ id }) => id === "asset-drain")!.evidence.flags;

  test("ASSET-08: what rests on a threshold runs with the fixed one and says that it is uncalibrated", () => {
    const told = judge([theft]);
    expect(new Set(told.map(({ id }) => id))).toEqual(new Set(["asset-drain", "outflow", "impact-then-use"]));
    expect(told.every(({ evidence }) => evidence.uncalibrated === true)).toBe(true);
    expect(zeroConfigDetectors().find(({ meta }) => meta.id === "asset-drain")!.settings).toMatchObject({
      thetaTx: 0.2,
    });
  });

  test("ASSET-08: a contract is young only if its creation was seen, and no path is called unseen", () => {
    expect(flagsOf([theft])).not.toContain("Z3");
    expect(flagsOf([deploy, theft])).toContain("Z3");
    for (const blocks of [[theft], [deploy, theft]]) expect(flagsOf(blocks)).not.toContain("Z6");
  });
});
