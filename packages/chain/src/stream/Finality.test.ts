import { expect, test } from "vitest";
import { makePool } from "../nodes/EndpointPool.ts";
import { makeTroubleBook } from "../nodes/TroubleBook.ts";
import { openEndpoint } from "../rpc/rpcEndpoint.ts";
import { makeChain } from "../testkit/fakeChain.testkit.ts";
import { makeFinality } from "./Finality.ts";
import { makeSpine } from "./Spine.ts";

test("STREAM-03: of two nodes one that names an old final block for ever keeps no more open than there is room for", () => {
  const { blocks } = makeChain(100);
  const endpoints = ["honest", "liar"].map((label) => openEndpoint("http://127.0.0.1:1", { label }));
  const troubles = makeTroubleBook(
    () => undefined,
    () => false,
  );
  const pool = makePool({ endpoints, quorum: 2, troubles, maxBackoffMs: 100 });
  const [honest, liar] = pool.members;
  const spine = makeSpine(blocks.slice(0, 60));
  const finality = makeFinality(pool, spine, { depth: 10, mostOpen: 50 });
  const told = () => finality.advance().map(({ tag, ref }) => `${tag} ${ref.number}`);
  for (const member of pool.members) pool.seeHead(member, blocks[99]!);
  liar!.finalized = blocks[2]!;
  honest!.finalized = blocks[55]!;
  finality.vouch(blocks[45]!);
  expect(told()).toEqual(["finalized 2"]);
  for (const block of blocks.slice(60)) spine.push(block);
  finality.vouch(blocks[99]!);
  expect(told()).toEqual(["finalized 49"]);
  expect(spine.first).toEqual(blocks[49]);
  // What a quorum names is not put off by it.
  liar!.finalized = blocks[90]!;
  expect(told()).toEqual(["finalized 55"]);
});
