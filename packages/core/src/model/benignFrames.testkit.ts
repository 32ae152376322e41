// Random call trees of ordinary life, and shapes set somewhere into them, for property tests of detectors.
import fc from "fast-check";
import type { CallFrame } from "./BlockBundle.ts";
import { addr, type CaseLog, frame, transferLog } from "./detectorCase.testkit.ts";
import type { Address } from "./Hex.ts";

/** Strangers that have no part in any shape, and others that stand on the way to it. */
const strangers: readonly Address[] = Array.from({ length: 5 }, (_, i) => addr(0xfade00 + i));
const relays: readonly Address[] = Array.from({ length: 5 }, (_, i) => addr(0xfedd00 + i));
const libraries: readonly Address[] = Array.from({ length: 3 }, (_, i) => addr(0xfa1100 + i));
const coins: readonly Address[] = Array.from({ length: 3 }, (_, i) => addr(0xc01000 + i));

const stranger = fc.constantFrom(...strangers);
const callee = fc.oneof(
  fc.record({ type: fc.constantFrom("CALL" as const, "STATICCALL" as const), to: stranger }),
  fc.record({ type: fc.constant("DELEGATECALL" as const), to: fc.constantFrom(...libraries) }),
);

/**
 * A call tree among strangers, in which whoever runs is the one who calls, as on any chain. None runs another's code but
 * a library's: a contract that runs its caller's and is entered again is what an attack looks like.
 */
export const benignFrame: fc.Arbitrary<CallFrame> = fc
  .letrec<{ frame: CallFrame }>((tie) => ({
    frame: fc
      .record({
        from: stranger,
        callee,
        input: fc.constantFrom("0x" as const, "0x11111111" as const, "0x70a08231" as const),
        calls: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie("frame"), { maxLength: 3 })),
      })
      .map(({ callee: { type, to }, ...rest }) => frame({ ...rest, type, to })),
  }))
  .frame.map((root) =>
    calledBy(root.from, { ...root, type: "CALL", to: root.type === "DELEGATECALL" ? root.from : root.to }),
  );

/** The same calls made by `from`: below a DELEGATECALL by whoever made it, below any other by the callee. */
function calledBy(from: Address, called: CallFrame): CallFrame {
  const runs = called.type === "DELEGATECALL" ? from : called.to;
  return { ...called, from, calls: called.calls.map((inner) => calledBy(runs, inner)) };
}

/** Calls before and after a shape, and strangers that the shape is called through. */
export interface Surroundings {
  readonly before: readonly CallFrame[];
  readonly after: readonly CallFrame[];
  readonly through: readonly Address[];
}

/** Surroundings of any depth up to six. */
export const surroundings: fc.Arbitrary<Surroundings> = fc.record({
  before: fc.array(benignFrame, { maxLength: 3 }),
  after: fc.array(benignFrame, { maxLength: 3 }),
  through: fc.array(fc.constantFrom(...relays), { maxLength: 6 }),
});

/** A transaction from `from` to `to` in which `shape`, calls made by `to` itself, lies at any place and depth. */
export function setInto(around: Surroundings, from: Address, to: Address, shape: readonly CallFrame[]): CallFrame {
  const inner = [...around.before, ...shape, ...around.after];
  const last = around.through.at(-1);
  if (last === undefined) return frame({ from, to, calls: inner });
  const back = frame({ from: last, to, calls: inner });
  const way = around.through.reduceRight<CallFrame>(
    (call, by, i) => frame({ from: around.through[i - 1] ?? to, to: by, calls: [call] }),
    back,
  );
  return frame({ from, to, calls: [way] });
}

/** Movements of ordinary coins among strangers. */
export const benignLogs: fc.Arbitrary<CaseLog[]> = fc.array(
  fc
    .tuple(fc.constantFrom(...coins), stranger, stranger, fc.bigInt(1n, 10n ** 24n))
    .map(([coin, from, to, amount]) => transferLog(coin, from, to, amount)),
  { maxLength: 5 },
);
