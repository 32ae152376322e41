import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { type Address, type Hex, toWord } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { lossOf } from "./lossOf.ts";

const at = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
const [vault, till, thief, token, other] = [at(1), at(2), at(3), at(4), at(5)];
const topic: Hex = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
const moved = (from: Address, to: Address, amount: bigint, address = token) => ({
  ...{ address, topics: [topic, `0x${toWord(from)}`, `0x${toWord(to)}`] as Hex[], data: `0x${toWord(amount)}` as Hex },
});
const frame = (more: Partial<CallFrame>): CallFrame => ({
  ...{ type: "CALL", from: thief, to: vault, value: 0n, input: "0x", output: "0x", calls: [], logs: [], ...more },
});

test("RESP-03: who puts in and takes out again, or moves it among the guarded, has taken nothing", () => {
  const logs = [moved(thief, vault, 900n), moved(vault, thief, 1_000n), moved(vault, till, 50n)];
  expect([...lossOf(frame({ logs }), [vault, till])]).toEqual([[token, 100n]]);
  expect([...lossOf(frame({ logs: [moved(vault, thief, 7n), moved(thief, till, 9n)] }), [vault, till])]).toEqual([]);
});

test("RESP-03: each token counts for itself, the coin too, and failed calls do not", () => {
  const paid = frame({
    from: vault,
    to: thief,
    value: 5n,
    logs: [moved(vault, thief, 3n), moved(thief, vault, 9n, other)],
  });
  const failed = frame({ from: vault, to: thief, value: 70n, error: "reverted" });
  expect([...lossOf(frame({ calls: [paid, failed] }), [vault])]).toEqual([
    [at(0), 5n],
    [token, 3n],
  ]);
});
