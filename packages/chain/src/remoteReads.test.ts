import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { StateRead } from "@testudo/core/model/StateRead";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchBlock } from "./fetchBundle.ts";
import { openStateReader } from "./readState.ts";
import { remoteReads } from "./remoteReads.ts";
import { type Endpoint, openEndpoint } from "./rpcEndpoint.ts";
import { type Anvil, startAnvil } from "./startAnvil.ts";

let anvils: Anvil[];
let [here, there]: Endpoint[] = [];
let ref: BlockRef;
const holder: Hex = `0x${"11".repeat(20)}`;
// Answers its own number of the block: NUMBER PUSH0 MSTORE PUSH1 32 PUSH0 RETURN.
const code: Hex = "0x435f5260205ff3";

beforeAll(async () => {
  anvils = await Promise.all([startAnvil({ chainId: 1 }), startAnvil({ chainId: 10 })]);
  [here, there] = anvils.map(({ url }, i) => openEndpoint(url, { label: `chain ${i}` }));
  await there!.request("anvil_setCode", [holder, code]);
  await there!.request("anvil_mine", ["0x7"]);
  ref = (await fetchBlock(here!, 0n, false)).ref;
});
afterAll(async () => {
  here?.close();
  there?.close();
  await Promise.all((anvils ?? []).map((anvil) => anvil.stop()));
});

const remote = (chainId: number): StateRead => ({ kind: "remote", at: "block", chainId, to: holder, data: "0x" });
const local: StateRead = { kind: "balance", at: "block", address: holder };
const zero = { ok: true, value: `0x${"0".repeat(64)}` };

test("TRIAL-03: the other chain is read at its newest block, which is named; a later question has a later answer", async () => {
  const reader = remoteReads(openStateReader([here!]), new Map([[10, [there!]]]));
  const [first, own] = await reader.read(ref, [remote(10), local]);
  const newest = (await fetchBlock(there!, 7n, false)).ref;
  expect([first, own]).toEqual([{ ok: true, value: `0x${7n.toString(16).padStart(64, "0")}`, ref: newest }, zero]);
  await there!.request("anvil_mine", ["0x1"]);
  expect(await reader.read(ref, [remote(10)])).toMatchObject([{ ok: true, ref: { number: 8n } }]);
});

test("TRIAL-03: a chain that nobody named, is away or too slow is an answer that is not ok, and the rest is answered", async () => {
  const away = openEndpoint("http://127.0.0.1:9", { label: "away" });
  const hanging = { ...there!, request: () => new Promise(() => {}) } as unknown as Endpoint;
  const nodes = new Map([
    [10, [away]],
    [11, [hanging]],
  ]);
  const reader = remoteReads(openStateReader([here!]), nodes, 500);
  const answers = await reader.read(ref, [remote(10), local, remote(11), remote(12)]);
  away.close();
  expect(answers).toEqual([
    { ok: false, error: expect.stringMatching(/^unavailable: /) },
    zero,
    { ok: false, error: "unavailable: the other chain took too long" },
    { ok: false, error: "unsupported: no node of chain 12 is named" },
  ]);
});
