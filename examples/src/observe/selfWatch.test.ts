// The watch watches itself: on a real chain, with a receiver, a node and a second watch as servers of their own.
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { serveChanged } from "@testudo/chain/testkit/faultyNode.testkit";
import { openReceiver, secretA } from "testudo/deliver/receiver.testkit";
import { afterEach, expect, test } from "vitest";
import { makeFolder, openTill, type TillWatch, tillHolds, watchTill } from "../faults/till.testkit.ts";
import { readMetrics, sumOf } from "./readMetrics.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const troubles = (seen: TillWatch) =>
  seen.commits
    .flatMap(({ records }) => records)
    .flatMap((record) =>
      record.kind === "Finding" && record.detector === "self-health" ? [String(record.evidence.trouble)] : [],
    );

/** The node at `url` behind a server whose clock is `secondsAhead`. */
async function serveWithClock(url: string, secondsAhead: () => number): Promise<string> {
  const server = createServer((asked, answer) => {
    const passed = request(url, { method: asked.method ?? "POST", headers: asked.headers }, (got) => {
      const date = new Date(Date.now() + secondsAhead() * 1_000).toUTCString();
      answer.writeHead(got.statusCode ?? 502, { "content-type": "application/json", date });
      got.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const probe = async (seen: TillWatch, path: string) => {
  const answer = await fetch(`${seen.watch.url}${path}`);
  return { status: answer.status, ...((await answer.json()) as { ok: boolean; reasons: string[] }) };
};

test("SELF-01, SELF-02, OBS-03: a missed heartbeat, a skewed clock, an ill detector and an edited rule are told", async () => {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  let status = 204;
  const receiver = await openReceiver(secretA, () => status);
  closers.push(receiver.close);
  let ahead = 0;
  const node = await serveWithClock(world.rpcUrl, () => ahead);
  const head = await world.mine(3);
  const observe = { heartbeat: { url: receiver.url, secrets: [secretA], everySeconds: 0.2 } };
  const options = { rpc: [node], observe };
  const ill = { how: "throws", atBlock: head + 1 } as const;
  const seen = await watchTill(world, folder.path, { ...options, ill, fingerprints: { "channel pager": "a" } });
  await seen.until(() => seen.head() >= head);
  expect(await probe(seen, "/healthz")).toMatchObject({ status: 200, ok: true });
  const beatAt = async () => sumOf(await readMetrics(seen.watch.url), "testudo_heartbeat_timestamp");
  await seen.until(async () => Math.abs((await beatAt()) - Date.now() / 1_000) < 30);
  // It began with the start's time, and goes on where one is taken.
  const begun = await beatAt();
  await seen.until(async () => receiver.accepted.length > 1 && (await beatAt()) > begun);

  await world.mine();
  await seen.until(() => seen.head() > head);
  expect(await probe(seen, "/readyz")).toMatchObject({ status: 503, ok: false });
  expect((await probe(seen, "/readyz")).reasons).toContain("isolated on the last block: ill");
  // Starting the process again would not help.
  expect(await probe(seen, "/healthz")).toMatchObject({ status: 200 });
  await seen.until(async () => (await probe(seen, "/readyz")).status === 200, { mineMs: 300 });

  ahead = 30;
  status = 500;
  await seen.until(() => troubles(seen).includes("clock-skew") && troubles(seen).includes("heartbeat-missed"));
  const { reasons } = await probe(seen, "/readyz");
  expect(reasons.join("\n")).not.toContain("hidden");
  ahead = 0;
  status = 204;
  await seen.until(async () => !(await probe(seen, "/readyz")).reasons.join().match(/clock-skew|heartbeat-missed/), {
    mineMs: 300,
  });
  await seen.stop();

  // The next start runs without the rule, and with another channel; its heartbeats are never taken, and it shows since when.
  status = 500;
  const startedAt = Date.now() / 1_000;
  const next = await watchTill(world, folder.path, { ...options, fingerprints: { "channel pager": "b" } });
  closers.push(next.stop);
  await next.until(() => troubles(next).includes("config-edited"));
  const missedSince = sumOf(await readMetrics(next.watch.url), "testudo_heartbeat_timestamp");
  expect(Math.abs(missedSince - startedAt)).toBeLessThan(30);
  const told = next.commits.flatMap(({ notices }) => notices).map(({ title }) => title);
  expect(told).toContain("The configuration is not that of the last start: channel pager was changed.");
  expect(told.filter((title) => title.startsWith("Rules edited"))).toEqual(["Rules edited by start: 1 removed (ill)."]);
});

test("SELF-04: the second of two watches pages when the first has not found what it found", async () => {
  const folders = [makeFolder(), makeFolder()] as const;
  const world = await openTill();
  closers.push(folders[0].remove, folders[1].remove, world.close);
  const node = await serveChanged(world.rpcUrl, (_, answer) => answer);
  closers.push(node.close);
  const head = await world.mine(3);
  const first = await watchTill(world, folders[0].path, { rpc: [node.url], mode: "as-it-is", guardians: 0 });
  closers.push(first.stop);
  const peer = { url: first.watch.url, graceSeconds: 4, everySeconds: 0.2 };
  const second = await watchTill(world, folders[1].path, { mode: "as-it-is", guardians: 0, observe: { peer } });
  closers.push(second.stop);
  await first.until(() => first.head() >= head && second.head() >= head);

  await world.send(await world.theft(1_000n));
  await world.mine();
  const found = (seen: TillWatch) => seen.findings().some((line) => line === "invariant-till-solvent raised");
  await first.until(() => found(first) && found(second));
  await new Promise((resolve) => setTimeout(resolve, 5_500));
  expect(troubles(second)).toEqual([]);

  // From here on the first is blind.
  node.isAway = true;
  await world.send(await world.theft(tillHolds / 2n, 1));
  await world.mine();
  await second.until(() => troubles(second).includes("peer-missed"));
  const missed = second.commits.flatMap(({ notices }) => notices).find(({ title }) => title.includes("other watch"));
  expect(missed).toMatchObject({ severity: "critical", topic: "health" });
  expect(missed!.title).toMatch(/has not made the \w+ finding of [a-z-]+ in block \d+ \(0x[0-9a-f]{64}\) within 4 s/);
});
