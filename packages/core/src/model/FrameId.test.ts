import fc from "fast-check";
import { expect, test } from "vitest";
import type { CallFrame } from "./BlockBundle.ts";
import { walk } from "./CallTree.ts";
import { addr, frame } from "./detectorCase.testkit.ts";
import { frameIdOf, isFrameOf } from "./FrameId.ts";
import type { Hex } from "./Hex.ts";
import { keyOfRead, type StateRead } from "./StateRead.ts";

const tx: Hex = `0x${"7a".repeat(32)}`;
const tree = fc.letrec<{ tree: CallFrame }>((tie) => ({
  tree: fc
    .record({
      to: fc.nat(3),
      calls: fc.oneof({ depthSize: "small" }, fc.constant<CallFrame[]>([]), fc.array(tie("tree"), { maxLength: 3 })),
    })
    .map(({ to, calls }) => frame({ from: addr(1), to: addr(to), calls })),
})).tree;

test("STREAM-09: a call is named by its place; another node's tree names it alike, unless it is another up to there", () => {
  fc.assert(
    fc.property(tree, fc.nat(), (root, at) => {
      const visits = walk(root);
      const ids = visits.map((visit) => frameIdOf(tx, visit));
      expect(ids.map(({ order }) => order)).toEqual(visits.map((_, i) => i));
      expect(new Set(ids.map(({ shape }) => shape)).size).toBe(ids.length);
      const copy = structuredClone(root);
      expect(ids.every((id) => isFrameOf(copy, id))).toBe(true);
      // A node that leaves out a call.
      const left = at % visits.length;
      if (left === 0) return;
      const parent = visits[left]!.parent!.frame;
      const shorter = replaced(root, parent, {
        ...parent,
        calls: parent.calls.filter((one) => one !== visits[left]!.frame),
      });
      const known = ids.map((id) => isFrameOf(shorter, id));
      expect(known.slice(0, left).every((is) => is)).toBe(true);
      // Unless the next one was made just like it, and so on to the end.
      const next = walk(shorter);
      const isAlike = (i: number) => next.slice(left, i + 1).every((visit, k) => isLike(visit, visits[left + k]!));
      for (let i = left; i < ids.length; i++) expect(known[i]).toBe(i < next.length && isAlike(i));
    }),
  );
});

type Visit = ReturnType<typeof walk>[number];
const isLike = (a: Visit, b: Visit) => a.depth === b.depth && a.frame.to === b.frame.to;

function replaced(root: CallFrame, one: CallFrame, by: CallFrame): CallFrame {
  if (root === one) return by;
  return { ...root, calls: root.calls.map((call) => replaced(call, one, by)) };
}

test("STREAM-09: questions about two calls, or two sides of one, are two questions", () => {
  const [first, second] = walk(frame({ from: addr(1), to: addr(2), calls: [frame({ from: addr(2), to: addr(3) })] }));
  const frames = [frameIdOf(tx, first!), frameIdOf(tx, second!)];
  const places = frames.flatMap((one) => [{ beforeCall: one }, { afterCall: one }]);
  const keys = [{ beforeTx: tx }, { afterTx: tx }, ...places].map((at) =>
    keyOfRead({ kind: "balance", at, address: addr(2) } satisfies StateRead),
  );
  expect(new Set(keys).size).toBe(6);
});
