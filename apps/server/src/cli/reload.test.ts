// Edited rules are taken over by a watch that runs, seen through the program itself on a chain of its own.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import type { Calibration } from "@testudo/core/model/Calibration";
import { identify } from "@testudo/core/model/Record";
import { AbiEvent } from "ox";
import { afterEach, beforeEach, expect, test } from "vitest";
import { calibrationText } from "../config/loadCalibration.ts";
import { openStore } from "../store/openStore.ts";
import { openPlace } from "./place.testkit.ts";
import { openWatches, type Running, type Watches } from "./watchProcess.testkit.ts";

const vault = `0x${"5a".repeat(20)}`;
const event = "event Withdraw(uint256 amount)";
// Emits its calldata as the event's data.
const code = `0x365f5f377f${AbiEvent.getSelector(AbiEvent.from(event)).slice(2)}365fa100`;

let anvil: Anvil;
let watches: Watches;

beforeEach(async () => {
  anvil = await startAnvil({ timestamp: 1_700_000_000 });
  watches = openWatches();
  await ask("anvil_setCode", vault, code);
  write("testudo.config.ts", config(""));
  write("rules.yaml", rules("amount > 1000"));
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

const write = (name: string, text: string) => writeFileSync(join(watches.folder, name), text);
const rules = (where: string) => `
defaults: { severity: high, owner: risk, runbook: RUNBOOK.md }
rules:
  - id: big
    event: ${event}
    where: ${where}
`;
const config = (more: string) => `import { defineConfig, defineDetector, pause, when } from "testudo";
const sum = defineDetector({
  id: "sum", version: "1.0.0", kind: "anomaly", runbook: "RUNBOOK.md", owner: "risk",
  contracts: { Vault: { abi: ["${event}"] } },
  setup(app) {
    app.on("Vault:Withdraw", (c) => {
      if (c.event.args.amount === 666n) for (;;);
      const out = c.window("out", "1h").add(c.event.args.amount).sum;
      if (out > 100n) c.finding({ severity: "high", reason: "Sum is " + out + ".", evidence: { out } });
    });
  },
});
export default defineConfig({
  rpc: ["${anvil.url}"], protect: ["${vault}"], detectors: [sum], rules: "rules.yaml", dataDir: "data", pollMs: 100, ${more}
});`;

async function withdraw(amount: bigint): Promise<void> {
  const [from] = (await ask("eth_accounts")) as string[];
  const data = `0x${amount.toString(16).padStart(64, "0")}`;
  await ask("eth_sendTransaction", { from, to: vault, data });
}

async function startWatch(): Promise<Running> {
  const watch = watches.start(["watch", "--config", "testudo.config.ts", "--history", "0", "--port", "0"]);
  await watch.until(/^Watching\./m);
  return watch;
}

interface View {
  readonly finding: { readonly detector: string; readonly reason: string };
}

async function findings(watch: Running): Promise<readonly string[]> {
  const [, api] = await watch.until(/^Health (\S+)\/healthz/m);
  const { findings: list } = (await (await fetch(`${api}/findings?limit=100`)).json()) as { findings: View[] };
  return list.map(({ finding }) => `${finding.detector}: ${finding.reason}`).reverse();
}

const expectFindings = (watch: Running, expected: readonly string[]) =>
  expect.poll(() => findings(watch), { timeout: 120_000 }).toEqual(expected);

test("DET-06: an edited rule is taken over between two blocks, the others keep what they remember, and it is in the evidence", async () => {
  const first = await startWatch();
  await withdraw(60n);
  await expect.poll(async () => (await headOf(first)) ?? "", { timeout: 120_000 }).not.toBe("");
  write("rules.yaml", rules("amount > 50"));
  await first.until(/^Rules taken over: 1 edited \(big\)\./m);
  await withdraw(60n);
  const edited = "self-health: Rules edited by edited file: 1 edited (big).";
  // The window of the detector that was not edited holds the first withdrawal still.
  const after = [edited, "sum: Sum is 120.", "big: Rule big matched: amount 60."];
  await expectFindings(first, after);

  // What cannot be used is told with its line, and what stood before goes on.
  write("rules.yaml", rules("amont > 50"));
  await first.until(/rules\.yaml:6:12 `rules\[0\]\.where`: "amont" is not known here/);
  await withdraw(60n);
  const refused = [...after, expect.stringContaining('self-health: rules.yaml:6:12 `rules[0].where`: "amont"')];
  await expectFindings(first, [...refused, "sum: Sum is 180.", "big: Rule big matched: amount 60."]);
  expect(await reasonsOf(first)).toContainEqual(expect.stringContaining("rules-refused"));
  const order = await watches.start(["reload"]).ended;
  expect(order).toBe(1);

  // Killed and edited while it was away: the next start writes the difference down.
  first.kill("SIGKILL");
  await first.ended;
  write("rules.yaml", rules("amount > 55"));
  const second = await startWatch();
  await withdraw(56n);
  const again = [
    ...refused,
    "sum: Sum is 180.",
    "big: Rule big matched: amount 60.",
    "self-health: Rules edited by start: 1 edited (big).",
  ];
  await expectFindings(second, [...again, "sum: Sum is 236.", "big: Rule big matched: amount 56."]);
  // By order: nothing new, then a rule that goes.
  const { run } = { run: (...args: string[]) => watches.start(args) };
  const same = run("reload");
  expect(await same.ended).toBe(0);
  expect(same.out()).toBe("Nothing changed: the detectors are those that run.\n");
  // A signal is the same order, and ends nothing.
  second.kill("SIGHUP");
  await second.until(/^Nothing changed: the detectors are those that run\./m);
  second.kill("SIGTERM");
  expect(await second.ended).toBe(0);

  const store = await openStore(join(watches.folder, "data"));
  const rows = await store.db
    .selectFrom("records")
    .select("body")
    .where("kind", "=", "Remark")
    .orderBy("seq")
    .execute();
  const told = rows.map(({ body }) => JSON.parse(body) as { topic: string; actor: string; text: string });
  await store.close();
  expect(told.filter(({ topic }) => topic === "rules").map(({ actor }) => actor)).toEqual([
    "start",
    "edited file",
    "start",
  ]);
  expect(told.find(({ actor }) => actor === "edited file")?.text).toMatch(
    /^0x[0-9a-f]{64} → 0x[0-9a-f]{64}; edited big 0x[0-9a-f]{64} → 0x[0-9a-f]{64}$/,
  );
  const verified = watches.start(["evidence", "verify", "--data", "data"]);
  expect(await verified.ended).toBe(0);
});

test("DET-06: what belongs to a start is refused by name, and a detector that hangs brings no refused edit in", async () => {
  const watch = await startWatch();
  await withdraw(1n);
  await expect.poll(async () => (await headOf(watch)) ?? "", { timeout: 120_000 }).not.toBe("");
  write("testudo.config.ts", config("quorum: 1, detectorLimitMs: 200,"));
  const limit = "`detectorLimitMs` changed; that is taken over at a start only.";
  await watch.until(/`detectorLimitMs` changed; that is taken over at a start only\./);
  const answer = `playbooks: [when("sum").respond(pause("${vault}", ["withdraw(uint256)"]))],`;
  write("testudo.config.ts", config(answer));
  await watch.until(/`playbooks` changed; that is taken over at a start only\./);
  const measured = identify({
    ...{ kind: "Calibration" as const, from: [], chainId: 31_337, watched: [vault], correlations: [], detectors: [] },
    range: { to: { timestamp: 1n } },
  });
  write("cal.json", calibrationText(measured as unknown as Calibration));
  // What follows from it, as `composite` does, stands nowhere in the file.
  write("testudo.config.ts", config('calibration: "cal.json",'));
  await watch.until(/^.*`calibration` changed; that is taken over at a start only\./m);
  expect(watch.out() + watch.err()).not.toContain("`composite`");
  write("testudo.config.ts", config("quorum: 1, detectorLimitMs: 200,"));
  write("testudo.config.ts", "this is no configuration");
  await watch.until(/testudo\.config\.ts:1:\d+ does not parse/);
  // The detection thread is started anew: from what was accepted, not from what lies there.
  await withdraw(666n);
  await expect
    .poll(() => findings(watch), { timeout: 120_000 })
    .toContainEqual(expect.stringContaining("Detector sum timed out"));
  await withdraw(101n);
  await expect.poll(() => findings(watch), { timeout: 120_000 }).toContain("sum: Sum is 102.");
  expect(await findings(watch)).toContain(`self-health: ${limit}`);
});

test("DET-06: an edit that ends the process that reads it, waits for nothing or loops is refused, and the next good one is taken", async () => {
  const watch = await startWatch();
  await withdraw(1n);
  await expect.poll(async () => (await headOf(watch)) ?? "", { timeout: 120_000 }).not.toBe("");
  const [, api] = await watch.until(/^Health (\S+)\/healthz/m);
  write("testudo.config.ts", `process.exit(0);\n${config("")}`);
  await watch.until(/testudo\.config\.ts:\d `process\.exit\(0\)` would end the program that reads the file\./);
  write("testudo.config.ts", `process.kill(process.pid, "SIGKILL");\n${config("")}`);
  await watch.until(/testudo\.config\.ts ended the program that read it\./);
  write("testudo.config.ts", `await new Promise(() => {});\n${config("")}`);
  await watch.until(/testudo\.config\.ts waits for what never comes\./);
  write("testudo.config.ts", `for (;;) {}\n${config("")}`);
  const order = watches.start(["reload", "--data", "data"]);
  expect((await fetch(`${api}/healthz`, { signal: AbortSignal.timeout(2_000) })).ok).toBe(true);
  expect(await order.ended).toBe(1);
  expect(order.err()).toContain(
    "testudo.config.ts did not come to its end within 30 s: it waits for something, or loops.",
  );
  expect(await reasonsOf(watch)).toContainEqual(expect.stringContaining("rules-refused"));
  write("testudo.config.ts", config(""));
  write("rules.yaml", rules("amount > 50"));
  await watch.until(/^Rules taken over: 1 edited \(big\)\./m);
  watch.kill("SIGTERM");
  expect(await watch.ended).toBe(0);
});

test("CHECK-04: a watch that its configuration ends later, by a timer, ends with 1 and the reason", async () => {
  const later = 'setInterval(() => { if (require("node:fs").existsSync("end")) process.exit(0); }, 50);\n';
  write("testudo.config.ts", later + config(""));
  const watch = await startWatch();
  write("end", "");
  expect(await watch.ended).toBe(1);
  expect(watch.err()).toContain("error: The watch was ended by code that it runs");
});

test("error: FIND-08: a person's token that was changed in its place is told to count at a start only", async () => {
  const token = (digit: string) => writeFileSync(join(watches.folder, "ana.token"), digit.repeat(32), { mode: 0o600 });
  token("a");
  write("testudo.config.ts", config('people: [{ name: "ana", token: { file: "ana.token" } }],'));
  await startWatch();
  const reload = async () => {
    const running = watches.start(["reload", "--data", "data"]);
    await running.ended;
    return running.out() + running.err();
  };
  await expect.poll(reload, { timeout: 120_000, interval: 100 }).toContain("Nothing changed");
  token("b");
  expect(await reload()).toContain("`people` changed; that is taken over at a start only.");
});

test("SELF-01: an edit that changes no detector is told once, and a mere save is not", async () => {
  const watch = await startWatch();
  await withdraw(1n);
  await expect.poll(async () => (await headOf(watch)) ?? "", { timeout: 120_000 }).not.toBe("");
  write("rules.yaml", rules("amount > 1000"));
  // Longer than an edit takes to be noticed.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await findings(watch)).toEqual([]);
  write("rules.yaml", `# Looked at.\n${rules("amount > 1000")}`);
  await expectFindings(watch, [
    "self-health: The configuration was edited while the watch runs, and no detector is another by it. What else was edited counts from the next start.",
  ]);
});

async function headOf(watch: Running): Promise<string | undefined> {
  const [, api] = await watch.until(/^Health (\S+)\/healthz/m);
  const status = (await (await fetch(`${api}/status`)).json()) as { head: { number: string } | null };
  return status.head?.number;
}

async function reasonsOf(watch: Running): Promise<readonly string[]> {
  const [, api] = await watch.until(/^Health (\S+)\/healthz/m);
  return ((await (await fetch(`${api}/status`)).json()) as { reasons: string[] }).reasons;
}

test("error: an order to reload where nothing runs", async () => {
  const place = openPlace();
  const { code: exit, err } = await place.run("reload");
  expect({ exit, err }).toMatchObject({
    exit: 1,
    err: expect.stringContaining("Nothing was reloaded: no server runs on"),
  });
  place.remove();
});
