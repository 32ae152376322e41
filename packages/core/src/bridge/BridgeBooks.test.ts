import fc from "fast-check";
import { expect, test } from "vitest";
import { type BridgeMove, bridgeFaults, bridgeTotals, inFlight } from "./BridgeBooks.ts";

const route = "1:token:10";
const answer = { lock: "mint", burn: "release" } as const;

function move(kind: BridgeMove["kind"], id: number, amount: bigint): BridgeMove {
  return { kind, route, msgId: `0x${id.toString(16)}`, amount };
}

/** A life of a bridge whose guards keep their rules: what is sent can arrive later, and nothing burns what is not there. */
const anyHonestMoves = fc
  .array(fc.record({ act: fc.constantFrom("lock", "burn", "arrive"), amount: fc.bigInt(1n, 2n ** 128n) }))
  .map((steps) => {
    const moves: BridgeMove[] = [];
    let supply = 0n;
    for (const [id, { act, amount }] of steps.entries()) {
      if (act === "lock") moves.push(move("lock", id, amount));
      if (act === "burn" && supply > 0n) {
        const burnt = (amount % supply) + 1n;
        supply -= burnt;
        moves.push(move("burn", id, burnt));
      }
      const waiting = inFlight(moves);
      if (act !== "arrive" || waiting.length === 0) continue;
      const sent = waiting[Number(amount % BigInt(waiting.length))]!;
      if (sent.kind === "lock") supply += sent.amount;
      moves.push({ ...sent, kind: answer[sent.kind as "lock" | "burn"] });
    }
    return moves;
  });

const isHonest = fc.tuple(anyHonestMoves, fc.nat());

test("BRIDGE-01: no honest cut has a fault, and what is locked is minted or on its way", () => {
  fc.assert(
    fc.property(isHonest, ([moves, at]) => {
      // Any prefix is a cut, in any order of its moves.
      const cut = moves.slice(0, at % (moves.length + 1));
      expect(bridgeFaults(cut.toReversed())).toEqual([]);
      const { locked, released, minted, burnt } = bridgeTotals(cut).get(route) ?? zero;
      const onItsWay = inFlight(cut).reduce((sum, { amount }) => sum + amount, 0n);
      expect(locked - released).toBe(minted - burnt + onItsWay);
      expect(released <= locked).toBe(true);
    }),
  );
});
const zero = { locked: 0n, released: 0n, minted: 0n, burnt: 0n };

test("BRIDGE-01: a mint that nobody sent is found, with what it leaves unbacked", () => {
  fc.assert(
    fc.property(anyHonestMoves, fc.bigInt(1n, 2n ** 128n), (moves, amount) => {
      const forged = move("mint", 1_000_000, amount);
      const faults = bridgeFaults([...moves, forged]);
      expect(faults[0]).toEqual({ kind: "unsent", move: forged });
      const { locked, released, minted, burnt } = bridgeTotals(moves).get(route) ?? zero;
      expect(faults.length).toBe(minted + amount - burnt > locked - released ? 2 : 1);
    }),
  );
});

test("BRIDGE-01: a release beyond what is locked is found", () => {
  expect(bridgeFaults([move("lock", 1, 5n), move("release", 2, 7n)])).toEqual([
    { kind: "unsent", move: move("release", 2, 7n) },
    { kind: "unlocked", route, have: 7n, bound: 5n },
    { kind: "unbacked", route, have: 0n, bound: -2n },
  ]);
});

test("BRIDGE-01: a lock that a reorg takes back leaves its mint unsent and unbacked", () => {
  const before = [move("lock", 1, 5n), move("mint", 1, 5n)];
  expect(bridgeFaults(before)).toEqual([]);
  const after = [move("lock", 2, 3n), move("mint", 1, 5n)];
  expect(bridgeFaults(after)).toEqual([
    { kind: "unsent", move: move("mint", 1, 5n) },
    { kind: "unbacked", route, have: 5n, bound: 3n },
  ]);
});

test("BRIDGE-01: tokens that moved past the guards are found in what is read of them", () => {
  const moves = [move("lock", 1, 5n), move("mint", 1, 5n)];
  expect(bridgeFaults(moves, [{ route, supply: 5n, held: 5n }])).toEqual([]);
  expect(bridgeFaults(moves, [{ route, supply: 6n, held: 4n }])).toEqual([
    { kind: "unbacked", route, have: 6n, bound: 5n },
    { kind: "missing", route, have: 4n, bound: 5n },
  ]);
  expect(bridgeFaults([], [{ route, supply: 1n, held: 0n }])).toEqual([
    { kind: "unbacked", route, have: 1n, bound: 0n },
  ]);
});

test("BRIDGE-03: a message that is sent or arrives twice is found", () => {
  const [lock, mint] = [move("lock", 1, 5n), move("mint", 1, 5n)];
  expect(bridgeFaults([lock, lock, mint])).toEqual([{ kind: "twice", move: lock }]);
  expect(bridgeFaults([lock, move("lock", 2, 5n), mint, mint])).toEqual([{ kind: "twice", move: mint }]);
});

test("BRIDGE-03: a message that arrives with another amount, route or the wrong way is found", () => {
  const sent = move("lock", 1, 5n);
  for (const arrived of [move("mint", 1, 4n), move("release", 1, 5n), { ...move("mint", 1, 5n), route: "other" }])
    expect(bridgeFaults([sent, arrived])[0]).toEqual({ kind: "altered", move: arrived, sent });
});

test("BRIDGE-01: routes are kept apart", () => {
  const other = { ...move("mint", 2, 1n), route: "other" };
  const faults = bridgeFaults([move("lock", 1, 5n), other]);
  expect(faults).toEqual([
    { kind: "unsent", move: other },
    { kind: "unbacked", route: "other", have: 1n, bound: 0n },
  ]);
});
