import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { expect, test } from "vitest";
import type { EndpointPool, Member } from "../nodes/EndpointPool.ts";
import { makeChain } from "../testkit/fakeChain.testkit.ts";
import { makeSpine } from "./Spine.ts";
import { makeStrays } from "./Strays.ts";

const chain = makeChain(10);
const other = makeChain(10);
other.reorg(4, 8);

const member = (label: string, head?: BlockRef) =>
  ({ endpoint: { label }, head, disagreesSinceMs: undefined }) as unknown as Member;

function begin(...members: Member[]) {
  const strays = makeStrays(
    { members } as unknown as EndpointPool,
    makeSpine(chain.blocks),
    ({ endpoint }) => endpoint.label === "away",
  );
  const since = (nowMs: number, named: readonly Member[] = []) =>
    strays
      .since(nowMs, 1_000, [{ ref: chain.blocks[9]!, endpoints: named.map(({ endpoint }) => endpoint) }])
      .map(({ ref, endpoints }) => `${ref.number} ${endpoints.map(({ label }) => label).join()}`);
  return { strays, since };
}

test("STREAM-05: a head that has been another block than ours for longer than a block time is a stray, with those who share it", () => {
  const { strays, since } = begin(
    member("a", other.blocks[7]),
    member("b", other.blocks[7]),
    member("c", other.blocks[8]),
  );
  strays.look(0);
  expect(since(1_000)).toEqual([]);
  expect(since(1_001)).toEqual(["7 a,b", "8 c"]);
});

test("STREAM-05: our own blocks, heights that we have not, those that are away and those that were asked are none", () => {
  const asked = member("asked", other.blocks[8]);
  const { strays, since } = begin(
    member("ours", chain.blocks[7]),
    member("ahead", other.blocks[12]),
    member("new"),
    member("away", other.blocks[8]),
    asked,
  );
  strays.look(0);
  expect(since(2_000, [asked])).toEqual([]);
});

test("STREAM-05: who came back to our chain in between begins anew", () => {
  const moving = member("moving", other.blocks[7]);
  const { strays, since } = begin(moving);
  strays.look(0);
  moving.head = chain.blocks[8]!;
  strays.look(900);
  moving.head = other.blocks[8]!;
  strays.look(1_000);
  expect([since(1_900), since(2_001)]).toEqual([[], ["8 moving"]]);
});

test("STREAM-05: who was outvoted and is behind is a stray like any other once there is no quorum", () => {
  const outvoted = { ...member("outvoted", other.blocks[7]), disagreesSinceMs: 1 };
  const { strays, since } = begin(outvoted);
  strays.look(0);
  expect(since(2_000)).toEqual(["7 outvoted"]);
});
