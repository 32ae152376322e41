// An attack on the branch that loses the vote, where two nodes show two chains (STREAM-05).
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Hex } from "@testudo/core/model/Hex";
import { statusLines } from "testudo/cli/terminal/statusLines";
import { statusSchema } from "testudo/cli/terminal/statusSchema";
import { verifyStore } from "testudo/store/verifyStore";
import { afterEach, expect, test } from "vitest";
import { readMetrics, sumOf } from "../observe/readMetrics.testkit.ts";
import { openTill, type TillWatch, type TillWorld, tillHolds } from "./till.testkit.ts";
import { blockOf, openTwins, type Twins } from "./twins.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(): Promise<Twins> {
  const twins = await openTwins();
  closers.push(twins.close);
  return twins;
}

const rob = async (world: TillWorld, amount = tillHolds / 2n, nonce = 0) =>
  void (await world.send(await world.theft(amount, nonce)));

const troublesOf = (watch: TillWatch, kind: string) =>
  watch.commits.flatMap(({ records }) =>
    records.flatMap((record) =>
      record.kind === "Remark" && record.topic === "trouble" && record.text.startsWith(kind) ? [record.text] : [],
    ),
  );

const judged = async (watch: TillWatch) => sumOf(await readMetrics(watch.watch.url), "testudo_branches_judged");

async function statusOf(watch: TillWatch) {
  const answer = await fetch(`${watch.watch.url}/status`);
  return (await answer.json()) as {
    readonly frozen: object;
    readonly branches: readonly { endpoints: readonly string[]; block: { number: string; hash: Hex } }[];
  };
}

const detectorsOf = (watch: TillWatch) =>
  new Set(watch.commits.flatMap(({ records }) => records.flatMap((r) => (r.kind === "Finding" ? [r.detector] : []))));

/** What detectors remember, and the blocks that can be taken back. */
async function memoryOf({ watch: { store } }: TillWatch) {
  const cells = await store.db
    .selectFrom("cells")
    .selectAll()
    .where("key", "not like", '"c/%')
    .orderBy("key")
    .execute();
  const undo = await store.db.selectFrom("undo").select("body").orderBy("position").execute();
  return { cells, undo };
}

/** How many threads are begun until the end of the test. */
function countThreads(): () => number {
  let count = 0;
  const onThread = () => {
    count += 1;
  };
  subscribe("worker_threads", onThread);
  closers.push(() => unsubscribe("worker_threads", onThread));
  return () => count;
}

test("STREAM-05, OBS-01: an attack on the branch that loses the vote is told once, nothing is sent or stored of it, and it ends with the dispute", async () => {
  const { followed, other, door, fork, part, mine, rewind, watch: start } = await open();
  const watch = await start();
  // The same, without a second look at anything.
  const plain = await start({ guardians: 0, mode: "as-it-is", branches: { mostBranches: 0 } });
  expect(await judged(watch)).toBe(0);
  await part();
  await rob(other);
  await mine();
  const told = () => troublesOf(watch, "branch-finding: ");
  await watch.until(() => told().some((text) => text.includes("invariant-till-solvent")));
  const { hash } = await blockOf(other, fork + 1);
  expect(told()).toContain(
    `branch-finding: On the branch that ${door.url} shows and the watch does not follow (block ${fork + 1} ${hash}, 1 block from the fork at ${fork}): invariant-till-solvent says critical about ${other.params.till}: The till owes more than it holds.`,
  );
  const [branch] = (await statusOf(watch)).branches;
  expect(branch).toEqual({ endpoints: [door.url], block: { number: `${fork + 1}`, hash } });
  expect([await judged(watch), await judged(plain)]).toEqual([1, 0]);
  const shown = statusLines(statusSchema.parse({ ...(await statusOf(watch)), running: true }), 0).join("\n");
  expect(shown).toContain(
    `another branch at ${door.url.replace("://", "[://]")}, judged beside ours up to ${fork + 1}`,
  );

  const head = await mine(3);
  await watch.until(
    async () => watch.head() === head && (await statusOf(watch)).branches[0]?.block.number === `${head}`,
  );
  expect(told().filter((text) => text.includes("invariant-till-solvent"))).toHaveLength(1);
  expect(new Set(told()).size).toBe(told().length);
  expect(Object.keys((await statusOf(watch)).frozen)).toEqual(["stream"]);
  expect(watch.states()).toEqual([]);
  expect([...detectorsOf(watch)]).toEqual(["self-health"]);
  expect(troublesOf(watch, "branch-unjudged")).toEqual([]);
  expect(troublesOf(plain, "branch-unjudged")).toEqual([
    `branch-unjudged: The branch that ${door.url} shows and the watch does not follow is not judged: 0 others are.`,
  ]);
  await plain.until(() => plain.head() === head);
  expect(await memoryOf(watch)).toEqual(await memoryOf(plain));

  await rewind(other);
  await other.mine(4);
  expect(await blockOf(other, head)).toMatchObject({ hash: (await blockOf(followed, head)).hash });
  await mine();
  await watch.until(() => troublesOf(watch, "recovered from endpoint-disagrees").length === 1);
  await watch.until(async () => (await judged(watch)) === 0);
  expect((await statusOf(watch)).frozen).toEqual({});
  expect((await verifyStore(watch.watch.store)).fault).toBeUndefined();
});

test("STREAM-05: where the chain goes over to the branch, the main watch judges it itself, and acts again", async () => {
  const { followed, other, fork, part, mine, rewind, watch: start } = await open();
  const watch = await start();
  await part();
  await rob(other);
  await mine();
  await watch.until(() => troublesOf(watch, "branch-finding: ").length > 0);
  expect(watch.findings().filter((line) => !line.startsWith("self-health"))).toEqual([]);
  await rewind(followed);
  await rob(followed);
  await followed.mine();
  expect(await blockOf(followed, fork + 1)).toMatchObject({ hash: (await blockOf(other, fork + 1)).hash });
  await mine();
  await watch.until(() => watch.findings().includes("invariant-till-solvent raised"));
  await watch.until(() => watch.states().includes("proposed"));
  await watch.until(async () => (await judged(watch)) === 0);
});

/** Three nodes with three chains, of which the third's and the other's are robbed; the followed one stands first. */
async function openThree() {
  const twins = await open();
  const third = await openTill();
  closers.push(third.close);
  await third.mine(3);
  const rpc = [twins.followed.rpcUrl, twins.door.url, third.rpcUrl];
  const watch = await twins.watch({ guardians: 0, rpc });
  await twins.part();
  await rob(third, tillHolds / 4n);
  await rob(twins.other);
  const robbed = () => troublesOf(watch, "branch-finding").filter((text) => text.includes("invariant-till-solvent"));
  return { ...twins, third, watch, rpc, robbed };
}

const showing = (told: readonly string[]) => told.map((text) => /that (\S+) shows/.exec(text)?.[1]).sort();

test("STREAM-05: of three nodes that show three chains both that are not followed are judged, also further than ours", async () => {
  const { followed, other, third, watch, rpc, robbed } = await openThree();
  await followed.mine();
  await Promise.all([other.mine(), third.mine()]);
  await watch.until(() => robbed().length === 2);
  expect(showing(robbed())).toEqual(rpc.slice(1).sort());
  await Promise.all([other.mine(2), third.mine(2)]);
  const head = Number(await third.endpoint.request("eth_blockNumber"));
  await watch.until(async () =>
    (await statusOf(watch)).branches.every(({ block }, _, all) => all.length === 2 && Number(block.number) === head),
  );
  expect(troublesOf(watch, "branch-unjudged")).toEqual([]);
  expect([...detectorsOf(watch)]).toEqual(["self-health"]);
});

test("STREAM-05: a node that is behind the two that are voted on, on a third chain, has it judged too", async () => {
  const { followed, other, third, watch, rpc, robbed } = await openThree();
  await Promise.all([other.mine(3), third.mine(3)]);
  // The other's chain is the followed one here, whatever stands first: that one has no block of its own yet.
  await watch.until(() => watch.findings().includes("invariant-till-solvent raised"));
  await followed.mine();
  const judgedAt = async () => (await statusOf(watch)).branches.map(({ endpoints }) => endpoints.join()).sort();
  const behind = [rpc[0], rpc[2]].sort().join(" ");
  await watch.until(async () => (await judgedAt()).join(" ") === behind && robbed().length > 0);
  expect(showing(robbed())).toEqual([rpc[2]]);
});

test("STREAM-05: a node that runs ahead on a chain of its own does not hide the attack that the other shows", async () => {
  const { followed, other, door, part, watch: start } = await open();
  const watch = await start({ guardians: 0 });
  await part();
  const head = await followed.mine(6);
  await watch.until(() => watch.head() === head);
  await rob(other);
  await other.mine();
  await watch.until(() => troublesOf(watch, "branch-finding").some((text) => text.includes("till-solvent")));
  expect(showing(troublesOf(watch, "branch-finding"))).toEqual(expect.arrayContaining([door.url]));
  expect(Object.keys((await statusOf(watch)).frozen)).toContain("stream");
  expect(watch.states()).toEqual([]);
});

test("STREAM-08: the only node that shows a branch is away: that it is not judged is told, and the main watch goes on", async () => {
  const { followed, other, door, part, mine, watch: start } = await open();
  const watch = await start({ guardians: 0 });
  await part();
  await mine();
  await watch.until(async () => (await statusOf(watch)).branches.length === 1);
  door.isAway = true;
  await rob(other);
  const head = await mine(2);
  await watch.until(() => troublesOf(watch, "branch-unjudged: ").length > 0 && watch.head() === head);
  expect(troublesOf(watch, "branch-unjudged: ")[0]).toContain(
    `The branch that ${door.url} shows and the watch does not follow is not judged as it should be: `,
  );
  expect(troublesOf(watch, "branch-finding")).toEqual([]);
  // What it missed is judged when it is back.
  door.isAway = false;
  await watch.until(() => troublesOf(watch, "branch-finding").length > 0, { withinMs: 30_000 });
  expect(troublesOf(watch, "recovered from branch-unjudged")).toHaveLength(1);
  expect(followed.params).toEqual(other.params);
});

test("STREAM-07, STREAM-08: a branch that comes without call trees is told to be, or executed again where the chain would be", async () => {
  const { other, door, state, part, mine, watch: start } = await open();
  state.isBlind = true;
  const [without, withThem] = [await start({ guardians: 0 }), await start({ guardians: 0, reexecute: {} })];
  await part();
  await rob(other);
  await mine();
  const drains = (watch: TillWatch) =>
    troublesOf(watch, "branch-finding").filter((text) => text.includes("asset-drain"));
  await withThem.until(() => drains(withThem).length > 0);
  await without.until(() => troublesOf(without, "branch-unjudged").length > 0);
  expect(troublesOf(without, "branch-unjudged")).toEqual([
    expect.stringContaining(
      `The branch that ${door.url} shows and the watch does not follow is not judged as it should be: No endpoint gives call trees`,
    ),
  ]);
  expect(troublesOf(withThem, "branch-unjudged")).toEqual([]);
});

test("STREAM-05: a node that lies now and then has one thread for all its lies, which goes on where it was", async () => {
  const { other, state, part, mine, watch: start } = await open();
  const watch = await start({ guardians: 0 });
  const threads = countThreads();
  await part();
  await mine();
  for (let round = 0; round < 3; round += 1) {
    state.isHonest = false;
    await watch.until(async () => (await judged(watch)) === 1, { withinMs: 30_000 });
    state.isHonest = true;
    await mine();
    await watch.until(async () => (await judged(watch)) === 0);
  }
  expect(threads()).toBe(1);
  await rob(other);
  await mine();
  state.isHonest = false;
  await watch.until(() => troublesOf(watch, "branch-finding").some((text) => text.includes("invariant-till-solvent")));
  expect(threads()).toBe(1);
  expect(troublesOf(watch, "branch-unjudged")).toEqual([]);
});

test("STREAM-05, STREAM-11: a watch that starts again judges the branch again, and people are told nothing twice", async () => {
  const { other, part, mine, watch: start } = await open();
  const first = await start({ guardians: 0 });
  await part();
  await rob(other);
  await mine();
  const told = (watch: TillWatch) =>
    troublesOf(watch, "branch-finding").filter((text) => text.includes("till-solvent"));
  await first.until(() => told(first).length > 0);
  await first.stop();
  const next = await start({ guardians: 0, mode: "as-it-is" }, first.dataDir);
  await next.until(() => told(next).length > 0);
  expect(told(next)).toEqual(told(first));
  const titles = next.commits.flatMap(({ notices }) => notices.map(({ title }) => title));
  expect(titles.filter((title) => title.includes("till-solvent"))).toEqual([]);
});

test("STREAM-05: a branch is judged though an action of the main watch waits, and nothing becomes of it there", async () => {
  const { followed, other, part, mine, watch: start } = await open();
  const watch = await start({ guardians: 0 });
  await rob(followed, tillHolds / 10n);
  await rob(other, tillHolds / 10n);
  await mine();
  await watch.until(() => watch.states().includes("simulated"));
  const before = watch.states();
  await part();
  await rob(other, tillHolds / 2n, 1);
  await mine();
  await watch.until(() => troublesOf(watch, "branch-finding").some((text) => text.includes("asset-drain")));
  await mine(2);
  await watch.until(async () => (await judged(watch)) === 1);
  expect(watch.states()).toEqual(before);
  expect(troublesOf(watch, "branch-unjudged")).toEqual([]);
});
