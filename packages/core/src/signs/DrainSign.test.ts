import { describe, expect, test } from "vitest";
import { openCreations, rememberCreations } from "../model/Creations.ts";
import { addr, frame, topicOf, transferLog, viewsOf } from "../model/detectorCase.testkit.ts";
import { type Address, toWord } from "../model/Hex.ts";
import { topic } from "../model/KnownSignature.ts";
import { type Memory, memoryOf, openDraft } from "../model/Memory.ts";
import { addToRing } from "../model/Ring.ts";
import type { TxView } from "../model/TxView.ts";
import { drainSigns, type Now } from "./DrainSign.ts";

const [vault, thief, young, wallet, usd] = [addr(0x1001), addr(0xbad), addr(0xbad1), addr(0xacc), addr(0x701)];
const multicall: Address = "0xca11bde05977b3631167028862be2a173976ca11";
const nowOf = (memory: Memory): Now => ({
  ...{ block: 100, youngBlocks: 7200, infrastructure: new Set([multicall]) },
  ...openCreations(memory),
});
const signsOf = (view: TxView, memory: Memory) => drainSigns(view, vault, watched, memory, nowOf(memory));
const watched = new Set([vault]);

function memoryWith(...made: readonly Address[]) {
  const memory = memoryOf(openDraft(new Map()), "", 0n);
  const txs = made.map((to) => ({ from: thief, to: null, trace: frame({ type: "CREATE", from: thief, to }) }));
  rememberCreations(memory, viewsOf({ txs }), 99, 7200);
  return memory;
}
const viewOf = (trace: ReturnType<typeof frame>) => viewsOf({ txs: [{ from: thief, to: trace.to, trace }] })[0]!;

describe("Z3", () => {
  const enters = (from: Address) => frame({ from, to: vault, input: "0x11111111" });

  test("a young contract between two calls of an old one is seen", () => {
    const inner = frame({ from: young, to: multicall, calls: [enters(multicall)] });
    const outer = frame({ from: multicall, to: young, calls: [inner] });
    const view = viewOf(frame({ from: thief, to: multicall, calls: [outer] }));
    expect(signsOf(view, memoryWith(young)).signs).toEqual(["Z3"]);
    expect(signsOf(view, memoryWith()).signs).toEqual([]);
  });

  test("young code that an old proxy runs on the way is seen", () => {
    const code = frame({ type: "DELEGATECALL", from: multicall, to: young, calls: [enters(multicall)] });
    const view = viewOf(frame({ from: thief, to: multicall, calls: [code] }));
    expect(signsOf(view, memoryWith(young)).signs).toEqual(["Z3"]);
  });

  test("a young contract beside the way is none, nor is one that only looked", () => {
    const beside = frame({ from: multicall, to: young });
    const looking = frame({ type: "STATICCALL", from: young, to: vault, input: "0x70a08231" });
    const asked = frame({ from: multicall, to: young, calls: [looking] });
    const view = viewOf(frame({ from: thief, to: multicall, calls: [beside, asked, enters(multicall)] }));
    expect(signsOf(view, memoryWith(young)).signs).toEqual([]);
  });
});

test("the sender of an ERC-4337 operation acts: its own donation of before is Z8, and what it keeps is theirs", () => {
  const memory = memoryWith();
  addToRing(memory, `donors:${vault}`, [wallet], 64);
  const operation = {
    address: addr(0x4337),
    topics: [topic.userOperation, topicOf(7n), topicOf(wallet), topicOf(0n)],
    data: "0x",
  } as const;
  const txs = [
    { from: addr(0xb0b), to: multicall, logs: [operation, transferLog(usd, vault, wallet, 5n)] },
    { from: addr(0xb0b), to: multicall, logs: [transferLog(usd, vault, wallet, 5n)] },
  ];
  const [bundled, plain] = viewsOf({ txs }).map((view) => signsOf(view, memory));
  expect(bundled!.signs).toEqual(["Z8"]);
  expect(bundled!.cluster).toContain(wallet);
  expect(plain!.signs).toEqual([]);
});

test("Z8: who pushed money in and is paid the same in one go is seen", () => {
  const push = frame({ from: young, to: usd, input: `0xa9059cbb${toWord(vault)}${toWord(5n)}` });
  const trace = frame({
    from: thief,
    to: young,
    calls: [push, frame({ from: young, to: vault, input: "0x11111111" })],
  });
  const logs = [transferLog(usd, young, vault, 5n), transferLog(usd, vault, young, 5n)];
  const [view] = viewsOf({ txs: [{ from: thief, to: young, logs, trace }] });
  expect(signsOf(view!, memoryWith()).signs).toEqual(["Z8"]);
});
