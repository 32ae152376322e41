// A search of state behind a node: an anvil that forks a recorded state, with blocks of its own on it.
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { serveCapsule } from "@testudo/lab/capsule/serveCapsule";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NaiveScenario, naiveScenario } from "./naiveScenarios.ts";
import { type StatePlace, writeScenario } from "./writeScenario.ts";

const bin = fileURLToPath(new URL("../../../apps/server/bin/testudo.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "node-raid-"));
// As services put keys into addresses.
const secret = "5ec7e75ec7e75ec7e75ec7e75ec7e75e";
let given: NaiveScenario;
let served: Awaited<ReturnType<typeof serveCapsule>>;
let anvil: Anvil;

beforeAll(async () => {
  given = await naiveScenario("20");
  served = await serveCapsule(given.capsule);
  anvil = await startAnvil({ forkUrl: served.url, noMining: true });
  await mine(3);
});
afterAll(async () => {
  await anvil?.stop();
  await served?.close();
  rmSync(folder, { recursive: true });
});

async function ask(method: string, ...params: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const answer = await fetch(anvil.url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return ((await answer.json()) as { result: unknown }).result;
}

async function mine(blocks: number): Promise<void> {
  for (let i = 0; i < blocks; i++) await ask("evm_mine");
}

function scenarioOf(name: string, place?: StatePlace): string {
  return writeScenario(join(folder, name), given, given.scenario.contracts[0]!.address, place);
}

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

function attack(scenario: string, ...flags: string[]): Promise<Ran> {
  const all = ["--config", scenario, "--out", join(folder, "out"), "--workers", "1", "--json", ...flags];
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, "attack", ...all], { cwd: folder }, (error, out, err) =>
      resolve({ status: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

interface Told {
  readonly id: string;
  readonly moves: readonly string[];
  readonly gain: number;
  readonly confirmed: { readonly ok: boolean };
  readonly files: { readonly capsule: string };
}

const findingsOf = ({ out }: Ran): Told[] => (JSON.parse(out) as { findings: Told[] }).findings;

describe("LAB-30: a search of a node's state", () => {
  test("finds what a search of the recorded state finds, and the find is replayed without the node", async () => {
    const onNode = await attack(scenarioOf("node", { rpc: anvil.url }), "--calls", "16000");
    expect(onNode.err).toContain("The state is that after block");
    const [found] = findingsOf(onNode);
    const [recorded] = findingsOf(await attack(scenarioOf("recorded"), "--calls", "16000"));
    expect(recorded!.gain).toBeGreaterThan(90_000);
    expect([found!.id, found!.moves, found!.gain]).toEqual([recorded!.id, recorded!.moves, recorded!.gain]);
    expect(found!.confirmed).toMatchObject({ ok: true, difference: null });
    const replayed = await new Promise<string>((resolve, reject) =>
      execFile(process.execPath, [bin, "replay", found!.files.capsule, "--json"], (error, out) =>
        error === null ? resolve(out) : reject(error),
      ),
    );
    expect(JSON.parse(replayed)).toMatchObject({ ok: true });
  });

  test("writes the same capsule of a find again when it goes on, with what the plan meets and no more", async () => {
    const [state, scenario] = [join(folder, "again-state"), scenarioOf("again", { rpc: anvil.url })];
    const runs = [];
    for (let i = 0; i < 2; i++) runs.push(await attack(scenario, "--calls", "16000", "--state", state));
    expect(runs.map(({ status, err }) => (status === 0 ? "" : err))).toEqual(["", ""]);
    const [first, second] = runs.map((run) => findingsOf(run)[0]!.files.capsule);
    expect(second).toBe(first);
    const { accounts } = JSON.parse(gunzipSync(readFileSync(first!)).toString()) as { accounts: object };
    expect(Object.keys(accounts).length).toBeLessThan(given.capsule.accounts.size);
  });

  test("goes on with the block that it began with, and refuses another", async () => {
    const state = join(folder, "state");
    const scenario = scenarioOf("resumed", { rpc: anvil.url });
    const height = Number(await ask("eth_blockNumber"));
    const first = await attack(scenario, "--calls", "600", "--state", state);
    expect(first.err).toContain(`after block ${height} of`);
    await mine(2);
    const second = await attack(scenario, "--calls", "1200", "--state", state);
    expect([second.status, second.err]).toEqual([0, expect.stringContaining(`after block ${height} of`)]);
    expect((JSON.parse(second.out) as { calls: number }).calls).toBeGreaterThanOrEqual(1_200);
    const other = await attack(
      scenarioOf("other", { rpc: anvil.url, block: height + 1 }),
      "--calls",
      "1200",
      "--state",
      state,
    );
    expect([other.status, other.err]).toEqual([2, expect.stringContaining(`it is of block ${height}`)]);
  });

  test("error: a node that is none, a block that it has not, and a victim without code", async () => {
    const none = await attack(scenarioOf("none", { rpc: `http://127.0.0.1:9/v2/${secret}` }), "--calls", "10");
    expect([none.status, none.err]).toEqual([1, expect.stringContaining("127.0.0.1:9")]);
    expect(none.err).not.toContain(secret);
    const later = await attack(scenarioOf("later", { rpc: anvil.url, block: 10_000_000 }), "--calls", "10");
    expect([later.status, later.err]).toEqual([1, expect.stringContaining("no block number 10000000")]);
    const path = scenarioOf("no-code", { rpc: anvil.url });
    writeFileSync(path, readFileSync(path, "utf8").replace(/"victim":"0x\w+"/, `"victim":"0x${"de".repeat(20)}"`));
    const nobody = await attack(path, "--calls", "10");
    expect([nobody.status, nobody.err]).toEqual([2, expect.stringContaining("no contract in that state")]);
  });

  test("error: both a capsule and a node, neither, or a block without a node", async () => {
    const path = scenarioOf("shape");
    const declared = JSON.parse(readFileSync(path, "utf8")) as object;
    for (const [change, said] of [
      [{ rpc: anvil.url }, /one of capsule .* and rpc/],
      [{ capsule: undefined }, /one of capsule .* and rpc/],
      [{ block: 3 }, /`block` is 3\.[\s\S]*beside rpc/],
      [{ rpc: "ws://127.0.0.1:1", capsule: undefined }, /`rpc` is "ws:[\s\S]*http/],
    ] as const) {
      writeFileSync(path, JSON.stringify({ ...declared, ...change }));
      const { status, err } = await attack(path, "--calls", "10");
      expect([status, err]).toEqual([2, expect.stringMatching(said)]);
    }
  });

  test("error: a node that goes away before anything is found ends the search with its name and no secret", async () => {
    const { url, close } = await openProxy(20);
    const { status, err } = await attack(scenarioOf("failing", { rpc: `${url}/v2/${secret}` }), "--calls", "4000");
    close();
    expect([status, err]).toEqual([1, expect.stringContaining(url)]);
    expect(err).not.toContain(secret);
    expect(err).toContain("--state");
  });

  test("error: what was found before a node goes away is kept and told", async () => {
    const whole = await openProxy(Number.POSITIVE_INFINITY);
    const [found] = findingsOf(await attack(scenarioOf("whole", { rpc: whole.url }), "--calls", "16000"));
    whole.close();
    const part = await openProxy(whole.answered() - 1);
    const ran = await attack(scenarioOf("part", { rpc: part.url }), "--calls", "16000");
    part.close();
    const { calls, lost } = JSON.parse(ran.out) as { calls: number; lost: string };
    expect([ran.status, calls < 16_000, ran.err]).toEqual([1, true, expect.stringContaining(lost)]);
    expect(findingsOf(ran)).toMatchObject([{ id: found!.id, moves: found!.moves, confirmed: { ok: true } }]);
  });
});

interface Proxy {
  readonly url: string;
  answered(): number;
  close(): void;
}

/** The node, for so many requests. */
async function openProxy(requests: number): Promise<Proxy> {
  let answered = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", async () => {
      if (answered >= requests) return void request.socket.destroy();
      answered += 1;
      const passed = await fetch(anvil.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: Buffer.concat(parts),
      });
      response.setHeader("content-type", "application/json");
      response.end(await passed.text());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, answered: () => answered, close: () => server.close() };
}

describe("LAB-34: a folder of progress", () => {
  test("is one search's at a time, and a lock that nobody holds any more is taken over", async () => {
    const state = join(folder, "locked");
    const path = scenarioOf("lock");
    expect((await attack(path, "--calls", "300", "--state", state)).status).toBe(0);
    expect(existsSync(join(state, "lock"))).toBe(false);
    const long = attack(path, "--minutes", "0.25", "--state", state);
    await expect.poll(() => existsSync(join(state, "lock")), { timeout: 120_000 }).toBe(true);
    const held = readFileSync(join(state, "lock"), "utf8");
    const second = await attack(path, "--calls", "600", "--state", state);
    expect([second.status, second.err]).toEqual([2, expect.stringMatching(/process \d+ searches with it/)]);
    expect((await long).status).toBe(0);
    for (const left of [state, join(folder, "lock-alone")]) {
      mkdirSync(left, { recursive: true });
      writeFileSync(join(left, "lock"), held);
      expect((await attack(path, "--calls", "600", "--state", left)).status).toBe(0);
    }
  });

  test("tells which worker's progress is missing, and goes on with the others'", async () => {
    const state = join(folder, "two");
    const path = scenarioOf("two-workers");
    await attack(path, "--calls", "800", "--state", state, "--workers", "2");
    const part = join(folder, "part");
    cpSync(state, part, { recursive: true });
    rmSync(join(part, "worker-1.state"));
    const { status, err } = await attack(path, "--calls", "1200", "--state", part, "--workers", "2");
    expect([status, err]).toEqual([0, expect.stringContaining("nothing of worker 1, which begins anew")]);
  });

  test("error: a file in its place is named as what it is", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const { status, err } = await attack(scenarioOf("in-place"), "--calls", "10", "--state", file);
    expect([status, err]).toEqual([2, expect.stringContaining("it is no folder")]);
  });
});
