import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { serveBodies, serveChanged, type WireAnswer, type WireCall } from "@testudo/chain/testkit/faultyNode.testkit";
import { readStatus } from "testudo/operator/readStatus";
import { afterEach, expect, test } from "vitest";
import { makeFolder, openTill, type TillWorld, tillHolds, watchTill } from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const bin = fileURLToPath(new URL("../../../apps/server/bin/testudo.js", import.meta.url));

/** Runs `testudo watch` on `rpc` and gives its exit code and what it said. */
function runWatch(rpc: string, protect = `0x${"11".repeat(20)}`): Promise<{ code: number | null; said: string }> {
  const folder = makeFolder();
  closers.push(folder.remove);
  const child = spawn(process.execPath, [
    bin,
    "watch",
    "--rpc",
    rpc,
    "--protect",
    protect,
    "--data",
    folder.path,
    "--port",
    "0",
  ]);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  return new Promise((resolve) => {
    const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
    child.once("close", (code) => {
      clearTimeout(late);
      resolve({ code, said });
    });
  });
}

test.each(["http://127.0.0.1:1", "http://no-such-host.invalid:8545"])(
  "error: a node that nobody reaches ends the command, %s",
  async (rpc) => {
    const { code, said } = await runWatch(rpc);
    expect(code).toBe(1);
    expect(said).toMatch(
      /^error: Node \S+ cannot be reached: .+\n- It must answer JSON-RPC 2\.0 over HTTP at this address\.\n- Check the URL/m,
    );
  },
);

test("error: a server that is no node ends the command", async () => {
  const page = await serveBodies((_, response) => void response.end("<html>welcome</html>"));
  closers.push(page.close);
  const { code, said } = await runWatch(page.url);
  expect(code).toBe(1);
  expect(said).toMatch(/^error: /m);
  expect(said).not.toMatch(/\n\s+at /);
});

test("error: an address without code ends the command", async () => {
  const world = await openTill();
  closers.push(world.close);
  const { code, said } = await runWatch(world.rpcUrl);
  expect(said).toContain("is no contract");
  expect(code).toBe(1);
});

type Change = (call: WireCall, answer: WireAnswer) => WireAnswer | Promise<WireAnswer>;

/** Two nodes that have to agree; the second one does what `change` makes of it while `isIll`. */
async function openTwo(change: (world: TillWorld) => Change = () => (_, answer) => answer) {
  const folder = makeFolder();
  const world = await openTill();
  const state = { isIll: false };
  const ill = change(world);
  const one = await serveChanged(world.rpcUrl, (_, answer) => answer);
  const two = await serveChanged(world.rpcUrl, (call, answer) => (state.isIll ? ill(call, answer) : answer));
  closers.push(folder.remove, world.close, one.close, two.close);
  const head = await world.mine(6);
  const watch = await watchTill(world, folder.path, { rpc: [one.url, two.url], quorum: 2 });
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  return { world, watch, state, two, frozen: async () => (await readStatus(watch.watch.store, folder.path)).frozen };
}

/** The attack happens while a node is ill: it is found and agreed on, and the pause waits until the nodes agree again. */
async function attackWhileIll(trouble: RegExp, change?: (world: TillWorld) => Change) {
  const { world, watch, state, two, frozen } = await openTwo(change);
  const fall = (isIll: boolean) => {
    if (change === undefined) two.isAway = isIll;
    state.isIll = isIll;
  };
  fall(true);
  const isTold = () =>
    watch.commits.some(({ records }) =>
      records.some(
        (record) =>
          record.kind === "Finding" &&
          record.detector === "self-health" &&
          trouble.test(String(record.evidence.trouble)),
      ),
    );
  await watch.until(async () => isTold() && Object.keys(await frozen()).length > 0, { mineMs: 500 });
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  return {
    world,
    watch,
    async recover() {
      fall(false);
      await watch.until(() => watch.states().includes("active"), { mineMs: 500, withinMs: 40_000 });
      expect(await frozen()).toEqual({});
      expect(await world.pauses()).toHaveLength(1);
      expect(await world.sentBySender()).toBe(1);
    },
  };
}

test("STREAM-05, RESP-11: one of two nodes drops out: no pause goes out until it is back, then it does", async () => {
  const { world, watch, recover } = await attackWhileIll(/endpoint-down/);
  await watch.until(() => watch.states().includes("cooling"), { mineMs: 500 });
  expect(await world.sentBySender()).toBe(0);
  expect(watch.states()).not.toContain("signed");
  await recover();
});

test("STREAM-14: one of two nodes lags behind: it is named, and the pause waits for it", async () => {
  const { world, recover } = await attackWhileIll(/endpoint-lags/, (world) => {
    let stuck: WireAnswer["result"];
    return async (call, answer) => {
      if (call.method !== "eth_getBlockByNumber" || (call.params as [string])[0] !== "latest") return answer;
      stuck ??= await world.endpoint.request("eth_getBlockByNumber", ["latest", false]);
      return { ...answer, result: stuck };
    };
  });
  await world.mine(2);
  expect(await world.sentBySender()).toBe(0);
  await recover();
});

test("STREAM-05: one of two nodes lies about a hash: they disagree, nothing is sent, and it is over when it stops", async () => {
  const { world, recover } = await attackWhileIll(/^endpoint-disagrees$/, () => (call, answer) => {
    const block = answer.result as { hash?: string } | null | undefined;
    if (!/^eth_getBlockBy/.test(call.method) || block?.hash === undefined) return answer;
    return { ...answer, result: { ...block, hash: `0xdead${block.hash.slice(6)}` } };
  });
  await world.mine(2);
  expect(await world.sentBySender()).toBe(0);
  await recover();
});

test("STREAM-11: a freeze that ends while nobody looks does not hold a pause back for ever", async () => {
  const { world, watch } = await attackWhileIll(/endpoint-down/);
  await watch.until(() => watch.states().includes("cooling"), { mineMs: 500 });
  await watch.stop();
  closers.splice(closers.indexOf(watch.stop), 1);
  const again = await watchTill(world, watch.dataDir, { mode: "as-it-is" });
  closers.push(again.stop);
  await again.until(() => again.states().includes("active"), { mineMs: 300 });
  expect(await world.pauses()).toHaveLength(1);
});
