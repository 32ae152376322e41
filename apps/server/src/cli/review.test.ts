// A false alarm from its mark to a calibration that takes it in, seen through the program itself on a chain of its own.
import { readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { AbiEvent } from "ox";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadCalibration } from "../config/loadCalibration.ts";
import { openWatches, type Running, type Watches } from "./watchProcess.testkit.ts";

const vault = `0x${"5a".repeat(20)}`;
const event = "event Withdraw(uint256 amount)";
// Emits its calldata as the event's data.
const code = `0x365f5f377f${AbiEvent.getSelector(AbiEvent.from(event)).slice(2)}365fa100`;

let anvil: Anvil;
let watches: Watches;
let nonce = 0;

beforeEach(async () => {
  anvil = await startAnvil({ timestamp: 1_700_000_000, noMining: true });
  watches = openWatches();
  nonce = 0;
  await ask("anvil_setCode", vault, code);
  writeConfig();
});
afterEach(async () => {
  await watches.close();
  await anvil.stop();
});

async function ask(method: string, ...params: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const answer = await fetch(anvil.url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return ((await answer.json()) as { result: unknown }).result;
}

/** One detector, of which withdrawals from 100 on are odd, by thousandths. */
function writeConfig(more = ""): void {
  const text = `import { defineConfig, defineDetector } from "testudo";
const odd = defineDetector({
  id: "odd", version: "1.0.0", kind: "anomaly", runbook: "RUNBOOK.md", owner: "risk", finality: 2,
  contracts: { Vault: { abi: ["${event}"] } },
  setup(app) {
    app.on("Vault:Withdraw", (c) => {
      const { amount } = c.event.args;
      if (amount >= 100n) c.finding({ severity: "high", reason: "Withdrew " + amount + ".", score: Number(amount) / 1000 });
    });
  },
});
export default defineConfig({
  rpc: ["${anvil.url}"], protect: ["${vault}"], detectors: [odd], dataDir: "data", pollMs: 50, ${more}
});`;
  writeFileSync(join(watches.folder, "testudo.config.ts"), text);
}

/** A block of a withdrawal each, two hours after the last one. */
async function mine(...amounts: readonly number[]): Promise<void> {
  const [from] = (await ask("eth_accounts")) as string[];
  for (const amount of amounts) {
    const data = `0x${amount.toString(16).padStart(64, "0")}`;
    await ask("eth_sendTransaction", { from, to: vault, data, nonce: `0x${nonce.toString(16)}`, gas: "0xffff" });
    nonce += 1;
  }
  await ask("evm_increaseTime", 7_200);
  await ask("evm_mine");
}

interface View {
  readonly finding: {
    readonly id: string;
    readonly detector: string;
    readonly reason: string;
    readonly severity: string;
  };
}

/** A running watch: what it found, and what people say to it. */
async function startWatch(env: Readonly<Record<string, string>> = {}) {
  const running = watches.start(["watch", "--config", "testudo.config.ts", "--history", "0", "--port", "0"], env);
  await running.until(/^Watching\./m);
  const [, api] = await running.until(/^Health (\S+)\/healthz/m);
  const { token } = JSON.parse(readFileSync(join(watches.folder, "data", "server.json"), "utf8")) as { token: string };
  const get = async (path: string) => (await fetch(`${api}${path}`)).json();
  const found = async (amount: number) => {
    const { findings } = (await get("/findings?limit=100")) as { findings: View[] };
    return findings.map(({ finding }) => finding).find(({ reason }) => reason === `Withdrew ${amount}.`);
  };
  const post = async (path: string, body: object) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const answer = await fetch(`${api}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return [answer.status, ((await answer.json()) as { error?: { code: string } }).error?.code];
  };
  return {
    api: api!,
    get,
    post,
    /** The finding of a withdrawal of `amount`, once it is there. */
    async of(amount: number) {
      await expect.poll(() => found(amount), { timeout: 120_000 }).toBeDefined();
      return (await found(amount))!;
    },
    async stop() {
      running.kill("SIGTERM");
      expect(await running.ended).toBe(0);
    },
  };
}

const resolve = (actor: string, resolution: string) => ({ actor, resolution, note: `${resolution}, the keeper's` });

const run = (...args: readonly string[]) => runWith({}, ...args);

async function runWith(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ code: unknown; out: string; err: string }> {
  const running: Running = watches.start(args, env);
  const ended = await running.ended;
  return { code: ended, out: running.out(), err: running.err() };
}

test("FIND-08, CAL-05: a false alarm is marked by one, accepted by another, taken in by the next calibration within its bound, and hides no attack", async () => {
  const first = await startWatch();
  await mine(...Array<number>(60).fill(1), 200, ...Array<number>(60).fill(1));
  await mine(...Array<number>(100).fill(1));
  await mine(110, 300);
  const [keeper, large] = [await first.of(200), await first.of(300)];
  expect(await first.post(`/findings/${keeper.id}/review`, { actor: "bruno", note: "x", verdict: "accepted" })).toEqual(
    [404, "false-alarm"],
  );
  for (const { id } of [keeper, large])
    expect(await first.post(`/findings/${id}/resolve`, resolve("ana", "false-positive"))).toEqual([202, undefined]);
  const waiting = async () =>
    ((await first.get("/false-alarms?state=waiting")) as { falseAlarms: { alarm: { actor: string } }[] }).falseAlarms;
  await expect.poll(waiting, { timeout: 120_000 }).toHaveLength(2);

  // Who marked it cannot accept it, under no spelling; the list says what could go unheard.
  expect(await first.post(`/findings/${keeper.id}/review`, { actor: " ANA", note: "x", verdict: "accepted" })).toEqual([
    409,
    "same-person",
  ]);
  const list = await run("review");
  expect(list.out).toContain(`waiting ${keeper.id.slice(0, 12)}… odd at ${vault}, score 0.2: Withdrew 200.`);
  expect(list.out).toContain("  false-positive, says ana: false-positive, the keeper's");
  expect(list.out).toMatch(/ {2}WARNING: 1 others scored no higher .*: odd in block 3 \(score 0.11\)/);
  expect(await run("review", "accept", keeper.id.slice(0, 12), "--reason", "it is ours")).toMatchObject({ code: 0 });
  expect(
    await first.post(`/findings/${large.id}/review`, { actor: "bruno", note: "ours", verdict: "accepted" }),
  ).toEqual([202, undefined]);
  await expect.poll(waiting, { timeout: 120_000 }).toEqual([]);
  const again = await run("review", "accept", keeper.id, "--reason", "twice");
  expect([again.code, again.err]).toEqual([1, expect.stringContaining("it was accepted already")]);
  // Accepted, and as loud as before.
  await mine(201);
  expect((await first.of(201)).severity).toBe("high");
  await first.stop();

  const calibrate = (out: string, ...more: readonly string[]) =>
    run("calibrate", "--config", "testudo.config.ts", "--out", out, ...more);
  const { code: ended, out: report } = await calibrate("next.json");
  expect(ended).toBe(0);
  const me = userInfo().username;
  expect(report).toContain(`marked by ana (false-positive, the keeper's), accepted by ${me} (it is ours)`);
  expect(report).toContain("  alerts (1 %, by the level of 1 %): 0 -> 0.2");
  expect(report).toContain("  WARNING: at its score 1 that were heard would not be told any more: odd in block 3");
  expect(report).toContain("stays at 0: too rare in this history: at most 0.2 is let through");
  const calibration = loadCalibration(join(watches.folder, "next.json"));
  expect(calibration.falseAlarms?.map(({ score }) => score)).toEqual([0.2, 0.3]);

  // Only the file that a person names counts.
  writeConfig('calibration: "next.json"');
  const second = await startWatch();
  await mine(190, 250);
  const [attack, loud] = [await second.of(190), await second.of(250)];
  expect([attack.severity, loud.severity]).toEqual(["info", "high"]);
  expect(attack).toMatchObject({ calibration: calibration.id, draftSeverity: "high" });

  // The quiet one was an attack after all: nothing may hide it from then on.
  await second.post(`/findings/${attack.id}/resolve`, resolve("carla", "true-positive"));
  // A watch that runs is asked, and tells the same as its store.
  const range = ["--from", "1", "--to", "5"];
  const served = await calibrate("served.json", ...range);
  await second.stop();
  const held = await calibrate("after.json", ...range);
  expect(served.out).toBe(held.out);
  expect(held.out).toMatch(/^Cut out .*: odd in block 5, a true positive$/m);
  expect(held.out).toContain("stays at 0: would hide odd in block 5, an attack");
  expect(held.out).toMatch(
    /WARNING: at its score \d+ that were heard would not be told any more: odd in block 5, an attack/,
  );

  // An acceptance is taken back, here without a server, and is no input any more.
  expect(await run("review", "refuse", large.id, "--reason", "it was not ours")).toMatchObject({ code: 0 });
  const { out: all } = await run("review", "--all", "--json");
  const { falseAlarms } = JSON.parse(all) as { falseAlarms: { state: string; alarm: { finding: { id: string } } }[] };
  expect(falseAlarms.map(({ state, alarm }) => [state, alarm.finding.id])).toEqual([
    ["refused", large.id],
    ["accepted", keeper.id],
  ]);
  const last = await calibrate("last.json");
  expect(last.err).toContain("1 reviewed false alarm was taken in: read each WARNING");
  expect(loadCalibration(join(watches.folder, "last.json")).falseAlarms?.map(({ score }) => score)).toEqual([0.2]);

  const verified = await run("evidence", "verify");
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining("Evidence holds")]);
});

test("FIND-08: where people have tokens, a mark and its acceptance take two of them, at the terminal too", async () => {
  const [ana, bo] = [{ TESTUDO_TOKEN: "a1".repeat(16) }, { TESTUDO_TOKEN: "b2".repeat(16) }];
  writeConfig('people: [{ name: "ana", token: { env: "ANA" } }, { name: "bo", token: { env: "BO" } }],');
  const watch = await startWatch({ ANA: ana.TESTUDO_TOKEN, BO: bo.TESTUDO_TOKEN });
  await mine(...Array<number>(5).fill(1), 200);
  const { id } = await watch.of(200);
  expect(await watch.post(`/findings/${id}/resolve`, resolve("ana", "false-positive"))).toEqual([403, "person"]);
  expect(await runWith(ana, "ack", id, "--server", watch.api)).toMatchObject({ code: 0 });
  const headers = { "content-type": "application/json", authorization: `Bearer ${ana.TESTUDO_TOKEN}` };
  const { actor: _, ...said } = resolve("", "false-positive");
  const settled = { method: "POST", headers, body: JSON.stringify(said) };
  expect((await fetch(`${watch.api}/findings/${id}/resolve`, settled)).status).toBe(202);
  await expect.poll(async () => (await run("review")).out, { timeout: 120_000 }).toContain("false-positive, says ana");

  const accept = ["review", "accept", id, "--reason", "it is ours"];
  expect((await run(...accept)).err).toContain("This needs a person's own token");
  expect((await run(...accept, "--as", "bo")).err).toContain("This needs a person's own token");
  expect((await runWith(ana, ...accept)).err).toContain("may not accept that");
  expect((await runWith(ana, ...accept, "--as", "bo")).err).toContain('The token is that of "ana"');
  expect(await runWith(bo, ...accept, "--server", watch.api)).toMatchObject({ code: 0 });
  await expect
    .poll(async () => (await run("review", "--all")).out, { timeout: 120_000 })
    .toContain("accepted, says bo");

  // Marked by ana, who has the machine's account, too: without the watch there is nobody to show a token to.
  await mine(300);
  const other = await watch.of(300);
  await fetch(`${watch.api}/findings/${other.id}/resolve`, settled);
  await expect.poll(async () => (await run("review")).out, { timeout: 120_000 }).toContain("Withdrew 300.");
  await watch.stop();
  for (const env of [{}, ana, bo])
    expect((await runWith(env, "review", "accept", other.id, "--reason", "ours", "--as", "bo")).err).toContain(
      "none runs to show one to",
    );
  expect(await run("review", "refuse", other.id, "--reason", "not ours")).toMatchObject({ code: 0 });
});
