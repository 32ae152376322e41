import type { Candidate } from "@testudo/chain/nodes/Dispute";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Commit } from "@testudo/core/model/Output";
import { afterEach, expect, test, vi } from "vitest";
import { blockRef, childOf } from "../store/chain.testkit.ts";
import type { BranchLimits } from "./branchLimits.ts";
import { guardDesk } from "./guardDesk.ts";
import { type BranchDesk, openBranchDesk } from "./openBranchDesk.ts";
import type { Shadow, ShadowHooks } from "./openShadow.ts";

const shared = [1, 2, 3].map((n) => blockRef(n));
const fork = shared.at(-1)!;
const candidate = (ref: BlockRef, ...names: string[]) =>
  ({ ref, endpoints: names.map((name) => ({ url: `http://${name}`, label: name })) }) as unknown as Candidate;
const ours = candidate(childOf(fork, "ours"), "a");
const disputed = (...others: Candidate[]) => ({ taken: ours, others });
const theirs = (name: string) => candidate(childOf(fork, name), name);
const stored = (cursor: BlockRef) =>
  ({ cursor, records: [], undo: { push: { ref: cursor, before: [] } } }) as unknown as Commit;

/** A thread that notes what it is told. */
interface Fake {
  readonly hooks: ShadowHooks;
  readonly done: string[];
  isClosed: boolean;
  stoodMs: number;
}

const desks: BranchDesk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
});

function begin(limits: Partial<BranchLimits> = {}, fails?: string, refs: readonly BlockRef[] = shared) {
  const fakes: Fake[] = [];
  const told: StreamTrouble[] = [];
  let nowMs = 0;
  const open = async (hooks: ShadowHooks) => {
    if (fails !== undefined) throw new Error(fails);
    const fake: Fake = { hooks, done: [], isClosed: false, stoodMs: 0 };
    fakes.push(fake);
    const shadow: Shadow = {
      follow: (urls) => void fake.done.push(`follow ${urls.join()}`),
      rest: () => void fake.done.push("rest"),
      stoodMs: () => fake.stoodMs,
      close: async () => {
        fake.isClosed = true;
      },
    };
    return { shadow, refs };
  };
  const tell = (trouble: StreamTrouble) => void told.push(trouble);
  const desk = openBranchDesk({ open, refs: shared, tell, limits, now: () => nowMs });
  desks.push(desk);
  const lines = () => told.splice(0).map(({ trouble, endpoint }) => `${trouble} ${endpoint}`);
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { desk, fakes, told, lines, settled, pass };
}

test("STREAM-05: each other branch gets a thread, which ends its work when the dispute is over", async () => {
  const { desk, fakes, lines, settled } = begin();
  desk.onDisputed(disputed(theirs("b")));
  await settled();
  desk.onDisputed(disputed(candidate(childOf(theirs("b").ref, "b"), "b")));
  expect(fakes.map(({ done }) => done)).toEqual([["follow http://b"]]);
  expect(desk.views()).toEqual([{ endpoints: ["b"], block: { number: 3n, hash: fork.hash } }]);
  desk.onDisputed(undefined);
  expect(fakes[0]!.done).toEqual(["follow http://b", "rest"]);
  expect([desk.views(), lines()]).toEqual([[], []]);
});

test("STREAM-05: a dispute that comes and goes goes on with the thread that is there, however often", async () => {
  const { desk, fakes, lines, settled } = begin();
  for (let i = 0; i < 100; i += 1) {
    desk.onDisputed(disputed(candidate(childOf(fork, `lie ${i}`), "b")));
    await settled();
    desk.onDisputed(undefined);
  }
  expect(fakes).toHaveLength(1);
  expect(fakes[0]!.done).toHaveLength(200);
  expect(lines()).toEqual([]);
});

test("STREAM-05: a thread that rested for long is closed, and no more than six are begun in an hour", async () => {
  const { desk, fakes, lines, settled, pass } = begin({ restMs: 1_000 });
  for (let i = 0; i < 7; i += 1) {
    desk.onDisputed(disputed(theirs("b")));
    await settled();
    desk.onDisputed(undefined);
    pass(1_001);
    desk.tick();
  }
  await settled();
  expect(fakes.map(({ isClosed }) => isClosed)).toEqual(Array(6).fill(true));
  expect(lines()).toEqual(["branch-unjudged branch of b (starts)", "recovered branch of b (starts)"]);
  desk.onDisputed(disputed(theirs("b")));
  pass(3_600_000);
  desk.tick();
  await settled();
  expect(fakes).toHaveLength(7);
  expect(lines()).toEqual(["branch-unjudged branch of b (starts)", "recovered branch of b (starts)"]);
});

test("STREAM-05, STREAM-08: of three branches two are judged, and the third is told until there is room", async () => {
  const { desk, fakes, lines, settled, pass } = begin();
  desk.onDisputed(disputed(theirs("b"), theirs("c"), theirs("d")));
  desk.onDisputed(disputed(theirs("b"), theirs("c"), theirs("d")));
  await settled();
  expect(fakes).toHaveLength(2);
  expect(lines()).toEqual(["branch-unjudged branch of d (places)"]);
  const without = { taken: candidate(ours.ref, "a", "b"), others: [theirs("c"), theirs("d")] };
  desk.onDisputed(without);
  pass(3_001);
  desk.onDisputed(without);
  await settled();
  expect(fakes.map(({ done, isClosed }) => [done.at(-1), isClosed])).toEqual([
    ["rest", true],
    ["follow http://c", false],
    ["follow http://d", false],
  ]);
  expect(lines()).toEqual(["recovered branch of d (places)"]);
});

test("STREAM-05: a vote that turns with each height tells once that a branch is not judged, and its end when it stays away", async () => {
  const { desk, lines, pass } = begin({ mostBranches: 0 });
  desk.onStored(stored(ours.ref));
  const turned = { taken: candidate(childOf(theirs("b").ref, "b"), "b"), others: [ours] };
  desk.onDisputed(disputed(theirs("b")));
  for (let i = 0; i < 10; i += 1) {
    desk.onDisputed(turned);
    pass(2_000);
    desk.tick();
    desk.onDisputed(disputed(theirs("b")));
    pass(2_000);
    desk.tick();
  }
  expect(lines()).toEqual(["branch-unjudged branch of b (places)"]);
  desk.onDisputed(turned);
  pass(3_001);
  desk.tick();
  expect(lines()).toEqual(["recovered branch of b (places)"]);
  desk.onDisputed(disputed(theirs("b")));
  desk.onDisputed(undefined);
  expect(lines()).toEqual(["branch-unjudged branch of b (places)", "recovered branch of b (places)"]);
});

test("STREAM-05: a branch that is not judged is told once, whichever of its nodes is named first", async () => {
  const { desk, lines, pass } = begin({ mostBranches: 0 });
  const { ref } = theirs("b");
  desk.onDisputed(disputed(candidate(ref, "b", "c")));
  for (let i = 0; i < 4; i += 1) {
    // Only one of the two has come to the next height: the other stays with it.
    desk.onDisputed(disputed(candidate(childOf(ref, "b"), i % 2 === 0 ? "c" : "b")));
    pass(3_001);
    desk.tick();
  }
  expect(lines()).toEqual(["branch-unjudged branch of b and c (places)"]);
});

test("STREAM-05: a node that is behind on a branch that is judged, or on the followed chain, needs no thread", async () => {
  const { desk, fakes, lines, settled } = begin();
  desk.onDisputed(disputed(theirs("b")));
  await settled();
  desk.onStored(stored(ours.ref));
  fakes[0]!.hooks.onCommit(stored(theirs("b").ref));
  const higher = candidate(childOf(theirs("b").ref, "b"), "b");
  desk.onDisputed({
    taken: candidate(childOf(ours.ref, "ours"), "a"),
    others: [higher, candidate(theirs("b").ref, "c"), candidate(ours.ref, "d")],
  });
  await settled();
  expect([fakes.length, lines()]).toEqual([1, []]);
});

test("STREAM-05: a vote that turns with each height leaves threads at their work", async () => {
  const { desk, fakes, lines, settled, pass } = begin();
  const higher = (name: string) => candidate(childOf(theirs(name).ref, name), name);
  for (let i = 0; i < 100; i += 1) {
    desk.onDisputed(disputed(theirs("b"), theirs("c")));
    desk.onDisputed({ taken: higher("b"), others: [higher("c")] });
    pass(100);
    desk.tick();
    await settled();
  }
  expect(fakes.map(({ done }) => done)).toEqual([["follow http://b"], ["follow http://c"]]);
  expect(lines()).toEqual([]);
});

test("STREAM-08: a thread that does not start, is lost, stands still or was at it long enough is told and not begun anew", async () => {
  const ways: [string, (made: ReturnType<typeof begin>) => void, Partial<BranchLimits>][] = [
    ["lost", ({ fakes }) => fakes[0]!.hooks.onLost("out of memory"), {}],
    ["lost", ({ fakes }) => void Object.assign(fakes[0]!, { stoodMs: 500_000 }), {}],
    ["limit", ({ pass }) => pass(7 * 3_600_000), {}],
    ["limit", ({ fakes }) => fakes[0]!.hooks.onCommit(stored(theirs("b").ref)), { mostBlocks: 1 }],
  ];
  for (const [doubt, happen, limits] of ways) {
    const made = begin(limits);
    const { desk, fakes, lines, settled } = made;
    desk.onDisputed(disputed(theirs("b")));
    await settled();
    happen(made);
    desk.tick();
    desk.onDisputed(disputed(theirs("b")));
    await settled();
    expect([doubt, lines(), fakes.length, fakes[0]!.isClosed]).toEqual([
      doubt,
      [`branch-unjudged branch of b (${doubt})`],
      1,
      true,
    ]);
    desk.onDisputed(undefined);
    expect(lines()).toEqual([`recovered branch of b (${doubt})`]);
  }
  const { desk, told, settled } = begin({}, "no such module\n- at all");
  desk.onDisputed(disputed(theirs("b")));
  await settled();
  expect(told.map(({ message }) => message)).toEqual([
    "The branch that b shows and the watch does not follow is not judged: its thread does not start: no such module",
  ]);
});

test("STREAM-05: where the main watch comes to stand on the branch, the thread rests though nobody says that it is over", async () => {
  const { desk, fakes, settled } = begin();
  desk.onDisputed(disputed(theirs("b")));
  await settled();
  desk.onStored(stored(ours.ref));
  fakes[0]!.hooks.onCommit(stored(theirs("b").ref));
  expect(fakes[0]!.done).toEqual(["follow http://b"]);
  // A reorg of the branch goes by way of the fork.
  fakes[0]!.hooks.onCommit({ cursor: fork, records: [], undo: { popNewest: 1 } } as unknown as Commit);
  desk.onStored(stored(childOf(ours.ref, "ours")));
  expect(fakes[0]!.done).toEqual(["follow http://b"]);
  fakes[0]!.hooks.onCommit(stored(theirs("b").ref));
  desk.onStored({ cursor: fork, records: [] } as unknown as Commit);
  desk.onStored(stored(theirs("b").ref));
  expect(fakes[0]!.done).toEqual(["follow http://b", "rest"]);
  desk.onDisputed(disputed(theirs("b")));
  expect(fakes[0]!.done.at(-1)).toBe("rest");
  // And on again where it leaves it.
  desk.onStored({ cursor: fork, records: [] } as unknown as Commit);
  desk.onStored(stored(ours.ref));
  desk.onDisputed(disputed(theirs("b")));
  expect(fakes[0]!.done.at(-1)).toBe("follow http://b");
});

test("STREAM-05: a node that leaves its branch is followed no more, those that stay are", async () => {
  const { desk, fakes, settled } = begin();
  desk.onDisputed(disputed(candidate(childOf(fork, "b"), "b", "c")));
  await settled();
  desk.onDisputed(disputed(theirs("b"), theirs("c")));
  await settled();
  expect(fakes.map(({ done }) => done)).toEqual([["follow http://b,http://c", "follow http://b"], ["follow http://c"]]);
});

test("STREAM-05: a thread that would have to catch up is begun anew from what is stored", async () => {
  const { desk, fakes, settled } = begin({ mostMissed: 2n });
  desk.onDisputed(disputed(theirs("b")));
  await settled();
  desk.onDisputed(undefined);
  let ref = ours.ref;
  for (let i = 0; i < 3; i += 1) {
    desk.onStored(stored(ref));
    ref = childOf(ref, "ours");
  }
  desk.onDisputed(disputed(theirs("b")));
  await settled();
  expect(fakes.map(({ isClosed }) => isClosed)).toEqual([true, false]);
});

test("STREAM-05, DET-06: other detectors judge a branch from the moment that they judge the chain", async () => {
  const { desk, fakes, settled } = begin();
  desk.onDisputed(disputed(theirs("b")));
  await settled();
  desk.onRules();
  await settled();
  expect(fakes.map(({ isClosed, done }) => [isClosed, done])).toEqual([
    [true, ["follow http://b"]],
    [false, ["follow http://b"]],
  ]);
});

test("STREAM-08: the same hash over other transactions gets no thread, and is told", async () => {
  const { desk, fakes, lines } = begin();
  desk.onDisputed(disputed(candidate(ours.ref, "b")));
  expect([fakes, lines()]).toEqual([[], ["branch-unjudged branch of b (content)"]]);
});

test("STREAM-08: what a branch's nodes fail at is told while it is judged", async () => {
  const { desk, fakes, lines, settled } = begin();
  desk.onDisputed(disputed(theirs("b")));
  await settled();
  fakes[0]!.hooks.onTrouble({ kind: "trouble", trouble: "endpoint-down", endpoint: "b", message: "away" });
  expect(lines()).toEqual(["branch-unjudged branch of b (endpoint-down)"]);
  desk.onDisputed(undefined);
  fakes[0]!.hooks.onTrouble({ kind: "trouble", trouble: "block-lag", message: "behind" });
  expect(lines()).toEqual(["recovered branch of b (endpoint-down)"]);
});

test("a thread that starts after its dispute is over follows nothing, and one that starts after the end is closed", async () => {
  const { desk, fakes, settled } = begin();
  desk.onDisputed(disputed(theirs("b")));
  desk.onDisputed(undefined);
  await settled();
  expect(fakes[0]!.done).toEqual([]);
  desk.onDisputed(disputed(theirs("c")));
  await desk.close();
  expect(fakes.map(({ isClosed }) => isClosed)).toEqual([true, true]);
});

test("STREAM-08: a fault of ours ends the judging of branches, is told once, and does not reach the main watch", () => {
  const { desk, lines } = begin();
  const told: StreamTrouble[] = [];
  const broken = {
    ...desk,
    onStored: () => {
      throw new RangeError("no such block");
    },
  };
  const guarded = guardDesk(broken, (trouble) => void told.push(trouble));
  for (let i = 0; i < 3; i += 1) guarded.onStored(stored(ours.ref));
  guarded.onDisputed(disputed(theirs("b")));
  expect(told.map(({ message }) => message)).toEqual([
    "Until the next start no branch is judged beside the one that is followed: no such block",
  ]);
  expect([desk.views(), lines()]).toEqual([[], []]);
});

test("STREAM-05: a branch goes by the nodes that show it now, in what is told of it and in the status", async () => {
  const { desk, fakes, lines, settled } = begin();
  desk.onDisputed(disputed(candidate(childOf(fork, "b"), "b", "c")));
  await settled();
  fakes[0]!.hooks.onTrouble({ kind: "trouble", trouble: "endpoint-down", endpoint: "c", message: "away" });
  desk.onDisputed(disputed(theirs("b"), theirs("c")));
  await settled();
  expect(desk.views().map(({ endpoints }) => endpoints)).toEqual([["b"], ["c"]]);
  fakes[0]!.hooks.onTrouble({ kind: "trouble", trouble: "block-lag", message: "behind" });
  fakes[1]!.hooks.onTrouble({ kind: "trouble", trouble: "block-lag", message: "behind" });
  expect(lines()).toEqual([
    "branch-unjudged branch of b and c (endpoint-down)",
    "recovered branch of b and c (endpoint-down)",
    "branch-unjudged branch of b (block-lag)",
    "branch-unjudged branch of c (block-lag)",
  ]);
});

test("STREAM-08: a node that joined a branch and had it given up does not silence who showed it before", async () => {
  const { desk, fakes, lines, settled } = begin();
  desk.onDisputed(disputed(candidate(childOf(fork, "c"), "b", "c")));
  await settled();
  fakes[0]!.hooks.onLost("out of memory");
  desk.onDisputed(disputed(candidate(childOf(fork, "c"), "b", "c")));
  await settled();
  expect(fakes).toHaveLength(1);
  desk.onDisputed(disputed(theirs("b"), theirs("c")));
  await settled();
  expect(fakes.slice(1).map(({ done }) => done)).toEqual([["follow http://b"], ["follow http://c"]]);
  expect(lines()).toEqual(["branch-unjudged branch of b and c (lost)"]);
});

test("STREAM-08: a node that has its threads fail uses up its own starts, and no other's", async () => {
  const { desk, fakes, lines, settled } = begin();
  for (let i = 0; i < 7; i += 1) {
    desk.onDisputed(disputed(theirs("liar")));
    await settled();
    fakes[i]?.hooks.onLost("its chain has none of ours");
    desk.onDisputed(undefined);
  }
  expect(fakes).toHaveLength(6);
  expect(lines().at(-2)).toBe("branch-unjudged branch of liar (starts)");
  desk.onDisputed(disputed(theirs("liar"), theirs("c")));
  await settled();
  expect([fakes.length, lines()]).toEqual([7, ["branch-unjudged branch of liar (starts)"]]);
});

test("STREAM-08: of two that name one hash over other transactions each is judged", async () => {
  const { desk, fakes, settled } = begin();
  desk.onDisputed(disputed(theirs("b")));
  await settled();
  const { ref } = theirs("b");
  fakes[0]!.hooks.onCommit(stored(ref));
  desk.onDisputed(disputed(theirs("b"), candidate(ref, "c")));
  await settled();
  expect(fakes.map(({ done }) => done)).toEqual([["follow http://b"], ["follow http://c"]]);
});

test("STREAM-08: what is stored with a gap ends the judging of that branch, and nothing else", async () => {
  const { desk, fakes, lines, settled } = begin({}, undefined, [blockRef(1), blockRef(3)]);
  desk.onDisputed(disputed(theirs("b")));
  await settled();
  expect([lines(), fakes.map(({ isClosed }) => isClosed)]).toEqual([["branch-unjudged branch of b (lost)"], [true]]);
});

test("STREAM-08: a node that is always behind one that names the same hashes is judged by itself after a minute, if there is room", async () => {
  for (const [mostBranches, threads] of [
    [2, ["follow http://b", "follow http://c"]],
    [1, ["follow http://b"]],
  ] as const) {
    const { desk, fakes, lines, settled, pass } = begin({ mostBranches });
    let ref = theirs("b").ref;
    for (let i = 0; i < 8; i += 1) {
      const behind = ref;
      ref = childOf(ref, "b");
      desk.onDisputed(disputed(candidate(ref, "b"), ...(i > 0 ? [candidate(behind, "c")] : [])));
      await settled();
      if (i === 0) fakes[0]!.hooks.onCommit(stored(behind));
      fakes[0]!.hooks.onCommit(stored(ref));
      if (i < 6) expect(fakes).toHaveLength(1);
      pass(11_000);
      desk.tick();
      await settled();
    }
    expect(fakes.flatMap(({ done }) => done)).toEqual(threads);
    expect(lines()).toEqual([]);
  }
});

test("STREAM-08: a thread that rests takes no room from a node that is always behind one that names the same hashes", async () => {
  const { desk, fakes, settled, pass } = begin();
  desk.onDisputed(disputed(theirs("d")));
  await settled();
  desk.onDisputed(undefined);
  const { ref } = theirs("b");
  const behind = () => desk.onDisputed(disputed(candidate(childOf(ref, "b"), "b"), candidate(ref, "c")));
  desk.onDisputed(disputed(candidate(childOf(ref, "b"), "b")));
  await settled();
  fakes[1]!.hooks.onCommit(stored(ref));
  behind();
  pass(60_001);
  behind();
  await settled();
  expect(fakes.map(({ done }) => done[0])).toEqual(["follow http://d", "follow http://b", "follow http://c"]);
});

test("STREAM-05: a branch is judged on where the clock is set ahead by a day, or a machine goes on after one", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const told: StreamTrouble[] = [];
  const shadow: Shadow = { follow: () => {}, rest: () => {}, stoodMs: () => 0, close: async () => {} };
  const tell = (trouble: StreamTrouble) => void told.push(trouble);
  const desk = openBranchDesk({ open: async () => ({ shadow, refs: shared }), refs: shared, tell });
  desks.push(desk);
  try {
    desk.onDisputed(disputed(theirs("b")));
    await new Promise((resolve) => setImmediate(resolve));
    vi.setSystemTime(Date.now() + 86_400_000);
    desk.tick();
    expect(desk.views().map(({ endpoints }) => endpoints)).toEqual([["b"]]);
    expect(told).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});
