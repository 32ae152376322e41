// The command line as a person runs it: the built program in a process of its own.
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Anvil, startAnvil } from "@testudo/chain/startAnvil";
import { identify } from "@testudo/core/model/Record";
import { openState, step } from "@testudo/core/pipeline";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { HumanInput } from "../api/Api.ts";
import { openBus } from "../api/Bus.ts";
import { type ServedApi, serveApi } from "../api/serveApi.ts";
import { encryptKey } from "../keystore/Keystore.ts";
import { localSigner } from "../keystore/localSigner.ts";
import { writeDrillReceipt } from "../operator/drillReceipt.ts";
import { readStatus } from "../operator/readStatus.ts";
import { newToken, writeServerFile } from "../operator/serverFile.ts";
import { readSwitch } from "../operator/switch.ts";
import { toTypedMessage } from "../operator/toTypedMessage.ts";
import { applyCommits } from "../store/applyCommits.ts";
import { action, actionStatus, chainOf } from "../store/chain.testkit.ts";
import { listFindings } from "../store/listViews.ts";
import { openStore } from "../store/openStore.ts";
import type { Store } from "../store/Store.ts";
import { type StoreFixture, storeFixture } from "../store/storeFolder.testkit.ts";
import { verifyStore } from "../store/verifyStore.ts";

const bin = fileURLToPath(new URL("../../bin/testudo.js", import.meta.url));
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(...args: readonly string[]): Promise<Ran> {
  const { DEBUG: _, FORCE_COLOR: __, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, ...args],
      { cwd: folder, env: { ...env, NO_COLOR: "1" } },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
    child.stdin?.end();
  });
}

test("behavior: --version and --help end with 0, help has examples", async () => {
  const [version, help] = await Promise.all([run("--version"), run("--help")]);
  expect(version).toMatchObject({ code: 0, out: "0.1.0\n" });
  expect(help.code).toBe(0);
  expect(help.out).toContain("Examples:");
});

test.each([
  ["an unknown command", ["frobnicate"], "unknown command 'frobnicate'"],
  ["an unknown option", ["status", "--frob"], "unknown option '--frob'"],
  ["a missing argument", ["ack"], "missing required argument 'id'"],
  ["a missing option", ["guardian", "sign"], "(testudo guardian sign --help shows what there is)"],
  ["a password as an argument", ["keystore", "new", "--password", "secret"], "unknown option '--password'"],
  ["no store", ["status"], 'There is no store in ".testudo".'],
  ["no store to verify", ["evidence", "verify", "--data", "none"], 'There is no store in "none".'],
  ["nobody to ask for a password", ["keystore", "new"], "give --password-file FILE"],
])("error: %s ends with 2", async (_, args, text) => {
  const { code, err, out } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(text);
  expect(err).not.toMatch(/\n\s+at /);
  expect(readdirSync(folder)).toEqual([]);
});

test("behavior: DEBUG shows where an error comes from", async () => {
  process.env.DEBUG = "";
  const { err } = await new Promise<Ran>((resolve) =>
    execFile(
      process.execPath,
      [bin, "status"],
      { cwd: folder, env: { ...process.env, DEBUG: "1" } },
      (error, out, text) => resolve({ code: Number(error?.code ?? 0), out, err: text }),
    ),
  );
  expect(err).toMatch(/\n\s+at /);
});

test("behavior: init writes a configuration once and keeps the data folder out of git", async () => {
  writeFileSync(join(folder, ".gitignore"), "node_modules/");
  const first = await run("init", "--rpc", "http://a", "--protect", `0x${"ab".repeat(20)}`);
  expect(first.code).toBe(0);
  const text = readFileSync(join(folder, "testudo.config.ts"), "utf8");
  expect(text).toContain(`protect: ["0x${"ab".repeat(20)}"]`);
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("node_modules/\n.testudo/\n");
  const second = await run("init");
  expect(second.code).toBe(2);
  expect(readFileSync(join(folder, "testudo.config.ts"), "utf8")).toBe(text);
  rmSync(join(folder, "testudo.config.ts"));
  await run("init");
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("node_modules/\n.testudo/\n");
});

test("behavior: kill and disarm set the switch, arm needs a drill (RESP-14)", async () => {
  const data = join(folder, "d");
  expect(await run("kill", "--reason", "panic", "--data", data)).toMatchObject({ code: 0 });
  expect(readSwitch(data)).toMatchObject({ mode: "killed", reason: "panic" });
  const refused = await run("arm", "--data", data);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain(`Run: testudo drill --data "${data}"`);
  expect(readSwitch(data).mode).toBe("killed");
  const receipt = { seed: 1, evidenceHead: `0x${"ab".repeat(32)}`, version: "0.1.0" };
  writeDrillReceipt(data, { ...receipt, passedAt: new Date(Date.now() - 1_000).toISOString() });
  expect(await run("--data", data, "arm")).toMatchObject({ code: 0 });
  expect(readSwitch(data).mode).toBe("armed");
  expect(await run("disarm", "--data", data)).toMatchObject({ code: 0 });
  expect(readSwitch(data).mode).toBe("shadow");
});

test("behavior: kill works over a switch that cannot be read", async () => {
  mkdirSync(join(folder, "d"));
  writeFileSync(join(folder, "d", "switch.json"), "garbage");
  expect(await run("kill", "--data", "d")).toMatchObject({ code: 0 });
  expect(readSwitch(join(folder, "d"))).toMatchObject({ mode: "killed" });
  expect(readSwitch(join(folder, "d")).fault).toBeUndefined();
});

test("behavior: keystore new writes a closed file, twice in no place", async () => {
  writeFileSync(join(folder, "pw"), "long enough\n", { mode: 0o600 });
  const { code, out } = await run("keystore", "new", "--out", "ann.json", "--password-file", "pw");
  expect(code).toBe(0);
  const { address, crypto } = JSON.parse(readFileSync(join(folder, "ann.json"), "utf8"));
  expect(out).toContain(`Address  0x${address}`);
  expect(crypto.kdfparams).toMatchObject({ n: 262_144, r: 8, p: 1 });
  expect(statSync(join(folder, "ann.json")).mode & 0o777).toBe(0o600);
  const again = await run("keystore", "new", "--out", "ann.json", "--password-file", "pw");
  expect(again).toMatchObject({ code: 1 });
  expect(again.err).toContain("A keystore is never overwritten");
  chmodSync(join(folder, "pw"), 0o644);
  const exposed = await run("keystore", "new", "--out", "bob.json", "--password-file", "pw");
  expect(exposed.err).toContain('Run: chmod 600 "pw"');
});

/** A finding as the pipeline makes it, so that its state holds it too. */
function findings(count: number) {
  const ref = (number: number) => ({
    number: BigInt(number),
    hash: `0x${String(number).padStart(64, "0")}` as const,
    parentHash: `0x${String(number - 1).padStart(64, "0")}` as const,
    timestamp: 1_800_000_000n,
  });
  const vault = `0x${"ab".repeat(20)}` as const;
  const meta = {
    id: "drain",
    version: "1.0.0",
    class: "damage",
    needs: { all: [] },
    finality: 1,
    runbook: "r",
    owner: "o",
  } as const;
  const detectors = Array.from({ length: count }, (_, i) => ({
    meta: { ...meta, id: `drain-${i}` },
    settings: {},
    detect: (context: { finding(draft: object): void }) =>
      context.finding({ severity: "critical", reason: `loss ${i}`, subject: vault, key: [], score: 1, evidence: {} }),
  }));
  const program = { chainId: 31337, watched: [vault], detectors: detectors as never, playbooks: [], policy: null };
  const bundle = { ref: ref(1), txs: [], logs: [], has: ["L", "X", "T", "S", "H"] as const, sources: [] };
  const { outputs } = step(program, openState(), { kind: "block", bundle, phase: "live", receivedAtMs: 0 });
  return outputs.filter((output) => output.kind === "commit");
}

describe("over a store", () => {
  let fixture: StoreFixture;
  let data = "";
  beforeAll(async () => {
    fixture = await storeFixture();
  }, 60_000);
  afterAll(() => fixture.remove());

  const fill = async (use: (store: Store) => Promise<unknown>): Promise<void> => {
    const store = await openStore(data);
    await use(store);
    await store.close();
  };

  // Opening the database takes seconds, so that each of these starts the program as seldom as it can.
  test("behavior: evidence verify holds, finds a changed byte and a chain that was cut off (RESP-13)", async () => {
    data = fixture.folder();
    const { block } = chainOf();
    await fill((store) => applyCommits(store, [block(1, 1), block(2), block(3, 1)], [], ["ops"]));
    const head = (await run("evidence", "head", "--data", data)).out.trim();
    expect(head).toMatch(/^2:0x[0-9a-f]{64}$/);
    const good = await run("evidence", "verify", "--data", data, "--head", head.split(":")[1]!);
    expect(good).toMatchObject({ code: 0, out: `Evidence holds: 3 links, 4 records, head ${head}.\n` });
    const beyond = await run("evidence", "verify", "--data", data, "--head", `0x${"9".repeat(64)}`);
    expect(beyond).toMatchObject({ code: 1, out: expect.stringContaining("Evidence does not hold") });
    await fill((store) =>
      store.db
        .updateTable("records")
        .set((e) => ({ body: e.fn<string>("replace", ["body", e.val("Half"), e.val("Tenth")]) }))
        .where("seq", "=", 1)
        .execute(),
    );
    const bad = await run("evidence", "verify", "--data", data);
    expect(bad.code).toBe(1);
    expect(bad.out).toContain("was altered: its content does not give its id");
  }, 90_000);

  test("behavior: without a server, ack goes through the pipeline and evidence still holds", async () => {
    data = fixture.folder();
    await fill((store) => applyCommits(store, findings(2), [], ["ops"]));
    let id = "";
    await fill(async (store) => {
      const { incidents, outbox, evidence } = await readStatus(store, data);
      expect({ outbox: outbox.pending, sequence: evidence.sequence }).toEqual({ outbox: 2, sequence: 0 });
      id = incidents[0]!.id;
    });
    const { code, out } = await run("ack", id.slice(0, 12), "--note", "mine", "--data", data);
    expect({ code, lines: out.trim().split("\n").length }).toEqual({ code: 0, lines: 2 });
    expect(await run("ack", id, "--data", data)).toMatchObject({ code: 1, err: expect.stringContaining("Nothing of") });
    await fill(async (store) => {
      expect((await verifyStore(store)).fault).toBeUndefined();
      const { outbox, evidence } = await readStatus(store, data);
      expect({ outbox: outbox.pending, sequence: evidence.sequence }).toEqual({ outbox: 4, sequence: 2 });
      const views = await listFindings(store);
      expect(views.map(({ status }) => status?.work)).toEqual(["acknowledged", "acknowledged"]);
    });
  }, 90_000);

  test("behavior: status tells a person what is open, and that no server runs", async () => {
    data = fixture.folder();
    await fill((store) => applyCommits(store, findings(1), [], []));
    const { code, out } = await run("status", "--data", data);
    expect(code).toBe(0);
    expect(out).toContain("server    not running");
    expect(out).toContain("mode      shadow");
    expect(out).toMatch(/head {6}block 1, /);
    expect(out).toMatch(/incidents 1 open\n +0x[0-9a-f]{10}… critical open, 1 finding\(s\)/);
    expect(out).toMatch(/evidence {2}0:0x[0-9a-f]{64}\n$/);
  }, 90_000);

  test("behavior: a folder that another process holds is named, not damaged", async () => {
    data = fixture.folder();
    const store = await openStore(data);
    const { code, err } = await run("status", "--data", data);
    await store.close();
    expect(code).toBe(1);
    expect(err).toContain(`is in use by process ${process.pid}`);
  }, 90_000);

  describe("with a server", () => {
    const key = `0x${"11".repeat(32)}` as const;
    const { address } = localSigner(key);
    const now = BigInt(Math.floor(Date.now() / 1_000));
    const paused = identify({ ...withoutId(action("pump")), until: now + 3_600n, deadline: now + 600n });
    const simulation = identify({
      kind: "Simulation",
      from: [paused.id],
      action: paused.id,
      passed: true,
      blockNumber: 7n,
      blockHash: `0x${"77".repeat(32)}`,
      calls: [],
      note: "stopped",
    } as const);
    let store: Store;
    let api: ServedApi;
    let taken: HumanInput[] = [];
    const sign = (...more: readonly string[]) =>
      run(
        "guardian",
        "sign",
        "--action",
        paused.id,
        "--keystore",
        "ann.json",
        "--password-file",
        "pw",
        "--data",
        data,
        ...more,
      );
    const pins = ["--chain", "31337", "--council", paused.council] as const;

    let own = "";

    beforeAll(async () => {
      own = fixture.folder();
      store = await openStore(own);
      const { link } = chainOf();
      const records = [paused, actionStatus(paused, "proposed"), simulation, actionStatus(paused, "simulated", 1)];
      await applyCommits(store, [link({ records })], [], []);
      const token = newToken();
      api = await serveApi({
        store,
        bus: openBus(),
        token,
        status: () => ({
          healthy: true,
          ready: true,
          reasons: [],
          mode: "armed",
          quorum: 1,
          endpoints: [{ label: "http://a", state: "up" }],
        }),
        submit: async (input) => {
          taken.push(input);
          return { accepted: true };
        },
        toTypedMessage,
        port: 0,
      });
      writeServerFile(own, { host: api.host, port: api.port, pid: process.pid, token });
    });
    afterAll(async () => {
      await api.close();
      await store.close();
    });
    beforeEach(async () => {
      taken = [];
      data = own;
      writeFileSync(join(folder, "pw"), "long enough\n", { mode: 0o600 });
      const cheap = { salt: Buffer.alloc(32), iv: Buffer.alloc(16), cost: { n: 2, r: 1, p: 1 } };
      const keystore = await encryptKey(Buffer.from(key.slice(2), "hex"), "long enough", cheap);
      writeFileSync(join(folder, "ann.json"), JSON.stringify(keystore), { mode: 0o600 });
    });

    test("behavior: status asks the server and warns of quorum 1 (STREAM-04)", async () => {
      const { code, out } = await run("status", "--data", data);
      expect(code).toBe(0);
      expect(out).toContain("server    running");
      expect(out).toContain("mode      armed");
      expect(out).toContain("warning: quorum 1");
    });

    test("behavior: a guardian's signature reaches the pipeline and is the guardian's", async () => {
      const { code, err, out } = await sign("--yes", ...pins);
      expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining(`Signed as ${address}`) });
      expect(err).toContain("0x2e1a7d4d  withdraw(uint256)");
      expect(taken).toMatchObject([{ kind: "approval", action: paused.id, signer: address }]);
    });

    test("behavior: offline prints the signature and sends nothing", async () => {
      const { code, out } = await sign("--yes", "--offline", ...pins);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        action: paused.id,
        signer: address,
        signature: expect.stringMatching(/^0x[0-9a-f]{130}$/),
      });
      expect(taken).toEqual([]);
    });

    test("behavior: a proposal from a file is signed without any server", async () => {
      const { actions } = (await (await fetch(`${api.url}/actions`)).json()) as { actions: unknown[] };
      writeFileSync(join(folder, "proposal.json"), JSON.stringify(actions[0]));
      const { code, out } = await sign("--yes", "--proposal", "proposal.json", ...pins);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ signer: address });
      expect(taken).toEqual([]);
    });

    test("error: a tampered proposal is not signed", async () => {
      const { actions } = (await (await fetch(`${api.url}/actions`)).json()) as {
        actions: { action: { target: string } }[];
      };
      actions[0]!.action.target = `0x${"ee".repeat(20)}`;
      writeFileSync(join(folder, "proposal.json"), JSON.stringify(actions[0]));
      const { code, out, err } = await sign("--yes", "--proposal", "proposal.json", ...pins);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toContain("it was altered");
    });

    test.each([
      ["another chain is pinned", ["--yes", "--chain", "1", "--council", paused.council], 1, "you named 1"],
      [
        "another council is pinned",
        ["--yes", "--chain", "31337", "--council", `0x${"11".repeat(20)}`],
        1,
        "it is for council",
      ],
      ["--yes comes without pins", ["--yes"], 2, "Add --council 0x… --chain N."],
      ["nobody is there to confirm", [...pins], 2, "Nobody is here to confirm."],
      ["the action is unknown", ["--yes", ...pins, "--action", "0x1234567890"], 2, "The server knows no action"],
      ["the chain is no number", ["--yes", "--chain", "main", "--council", paused.council], 2, "is no chain id"],
    ])("error: nothing is signed when %s", async (_, args, code, text) => {
      const ran = await sign(...args);
      expect(ran.err).toContain(text);
      expect({ code: ran.code, out: ran.out }).toEqual({ code, out: "" });
      expect(taken).toEqual([]);
    });

    test("error: a server that has gone", async () => {
      const gone = join(folder, "gone");
      // Port 1 is nobody's; the process of the file is alive.
      writeServerFile(gone, { host: "127.0.0.1", port: 1, pid: process.pid, token: newToken() });
      const { code, err } = await run("status", "--data", gone);
      expect(code).toBe(1);
      expect(err).toContain("does not answer");
    });
  });
});

function withoutId<T extends { readonly id: unknown }>({ id: _, ...body }: T): Omit<T, "id"> {
  return body;
}

describe("doctor", () => {
  let anvil: Anvil;
  beforeAll(async () => {
    anvil = await startAnvil();
  }, 60_000);
  afterAll(() => anvil.stop());

  const doctor = async (...lines: readonly string[]): Promise<Ran> => {
    const text = `import { defineConfig } from "testudo";\nexport default defineConfig({ ${lines.join(", ")} });`;
    writeFileSync(join(folder, "testudo.config.ts"), text);
    return run("doctor");
  };
  // A contract that every anvil has: the deterministic deployer.
  const deployer = "0x4e59b44847b379578588920ca78fbf26c0b4956c";

  test("behavior: a sound set-up passes; what is missing is a warning with a way out", async () => {
    const { code, out } = await doctor(`rpc: ["${anvil.url}"]`, `protect: ["${deployer}"]`);
    expect(out).toContain("ok   anvil: anvil Version: 1.7.1");
    expect(out).toContain("reads state by block hash (EIP-1898)");
    expect(out).toContain("traces calls (debug_traceBlockByHash)");
    expect(out).toContain("marks finalized blocks");
    expect(out).toContain(`${deployer} is a contract`);
    expect(out).toContain("warn nodes: The quorum is 1");
    expect(out).toContain("warn policy: There is none");
    expect(out).toContain("Nothing fails.");
    expect(code).toBe(0);
  });

  test("error: an address without code, a wrong chain, a dead node", async () => {
    const { code, out } = await doctor(
      `rpc: ["${anvil.url}", "http://127.0.0.1:1/v2/s3cr3tkey0123456789"]`,
      "chainId: 1",
      `protect: [{ name: "Vault", address: "0x${"12".repeat(20)}" }]`,
    );
    expect(out).toContain("fail protect Vault:");
    expect(out).toContain("They are on chain 31337, the configuration says 1.");
    expect(out).toContain("fail nodes: 1 of 2 answer, the quorum is 2.");
    expect(out).not.toContain("s3cr3tkey");
    expect(code).toBe(1);
  });

  test("error: a wrong configuration is told with its line", async () => {
    const { code, out } = await doctor(`rpc: ["${anvil.url}"]`, `protect: ["${deployer}"]`, 'quorum: "2" as any');
    expect(out).toMatch(/fail config: testudo\.config\.ts:2:\d+ `quorum` is "2", a string\./);
    expect(code).toBe(1);
  });

  test("error: a folder, a switch and a key that others can reach", async () => {
    const data = join(folder, ".testudo");
    mkdirSync(join(data, "keystores"), { recursive: true });
    writeFileSync(join(data, "keystores", "a.json"), "{}");
    chmodSync(join(data, "keystores", "a.json"), 0o644);
    writeFileSync(join(data, "switch.json"), "{");
    chmodSync(data, 0o755);
    const { code, out } = await run("doctor", "--json");
    const failed = JSON.parse(out).filter(({ level }: { level: string }) => level === "fail");
    expect(failed.map(({ name }: { name: string }) => name)).toEqual(["data", "switch", "keystore"]);
    expect(out).toContain("chmod 700");
    expect(out).toContain("chmod 600");
    expect(code).toBe(1);
  });
});
