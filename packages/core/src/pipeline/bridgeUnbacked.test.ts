// Two parts of core that do not know each other: the books of a bridge, and the detector that reads only their sums.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BridgeMove, bridgeFaults, bridgeTotals } from "../bridge/BridgeBooks.ts";
import { detectBridgeUnbacked } from "../detectors/detectBridgeUnbacked.ts";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseBlock, runDetector, word } from "../model/detectorCase.testkit.ts";

const [bridge, token] = [addr(0x1001), addr(0x1002)];
const reading = (to: string) => ({ to, data: "0x18160ddd", decimals: 18, word: 0 });
const route = {
  name: "r",
  subject: bridge,
  locked: reading(bridge),
  minted: { ...reading(token), chainId: 10 },
  lagSeconds: 600,
};
const use = useDetector(detectBridgeUnbacked, { routes: [route] });
const none = { locked: 0n, released: 0n, minted: 0n, burnt: 0n };

const blockOf = (moves: readonly BridgeMove[], minute: number): CaseBlock => {
  const { locked, released, minted, burnt } = bridgeTotals(moves).get("r") ?? none;
  return {
    timestamp: 1_700_000_000 + 60 * minute,
    state: (r) => (r.kind === "remote" ? word(minted - burnt) : word(locked - released)),
  };
};

const anySteps = fc.array(
  fc.record({ act: fc.constantFrom("lock", "burn", "arrive"), amount: fc.bigInt(1n, 10n ** 20n) }),
  { maxLength: 30 },
);

/** The moves of an honest bridge, one a minute where there is one. */
function movesOf(steps: readonly { readonly act: string; readonly amount: bigint }[]): BridgeMove[] {
  const moves: BridgeMove[] = [];
  const waiting: BridgeMove[] = [];
  for (const [i, { act, amount }] of steps.entries()) {
    const { minted, burnt } = bridgeTotals(moves).get("r") ?? none;
    const sent = act === "arrive" ? waiting.shift() : undefined;
    if (sent !== undefined) moves.push({ ...sent, kind: sent.kind === "lock" ? "mint" : "release" });
    else if (act === "lock" || (act === "burn" && minted > burnt)) {
      const kind = act === "lock" ? "lock" : "burn";
      const move: BridgeMove = {
        kind,
        route: "r",
        msgId: `0x${i}`,
        amount: kind === "lock" ? amount : (amount % (minted - burnt)) + 1n,
      };
      moves.push(move);
      waiting.push(move);
    }
  }
  return moves;
}

test("BRIDGE-01: the books of an honest bridge never exceed, at whatever cut both sides are read", () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const moves = movesOf(steps);
      const blocks = moves.map((_, i) => blockOf(moves.slice(0, i + 1), i));
      expect(runDetector(use, [bridge], blocks).flat()).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test("BRIDGE-01: what the books call unbacked is told when its lag has passed, and nothing else is", () => {
  fc.assert(
    fc.property(anySteps, fc.constantFrom("mint", "release"), fc.bigInt(1n, 10n ** 20n), (steps, kind, amount) => {
      const forged: BridgeMove = { kind, route: "r", msgId: "0xbad", amount };
      const moves = [...movesOf(steps), forged];
      const { locked, released, minted, burnt } = bridgeTotals(moves).get("r")!;
      // More released than locked has no reading: a balance does not fall below zero.
      fc.pre(released <= locked);
      const blocks = Array.from({ length: 12 }, (_, i) => blockOf(moves, i));
      const told = runDetector(use, [bridge], blocks)
        .flat()
        .some((f) => f.severity === "critical");
      expect(told).toBe(bridgeFaults(moves).some((fault) => fault.kind === "unbacked"));
      expect(told).toBe(minted - burnt > locked - released);
    }),
    { numRuns: 50 },
  );
});
