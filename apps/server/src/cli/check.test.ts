import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Calibration } from "@testudo/core/model/Calibration";
import { identify } from "@testudo/core/model/Record";
import { afterEach, beforeEach, expect, test } from "vitest";
import { calibrationText } from "../config/loadCalibration.ts";
import { newKeystore } from "../keystore/newKeystore.ts";
import { openPlace, type Place } from "./place.testkit.ts";

const vault = `0x${"5a".repeat(20)}`;
const [ann, bob] = ["11", "22"].map((byte) => `0x${byte.repeat(20)}`);
let place: Place;
beforeEach(() => {
  place = openPlace();
});
afterEach(() => place.remove());

const write = (name: string, text: string) => writeFileSync(join(place.folder, name), text);
/** A configuration whose object begins on line 3, after what `before` says on line 2. */
const config = (lines: readonly string[], before = "") =>
  write(
    "testudo.config.ts",
    `import { defineConfig, defineDetector, detectOutflow, env, fortaAdapter, pause, pausePlaybook, useDetector, when } from "testudo";
${before}
export default defineConfig({
${lines.map((line) => `  ${line},`).join("\n")}
});`,
  );
const base = ['rpc: ["http://127.0.0.1:9"]', `protect: ["${vault}"]`];
const rules = `
defaults: { severity: high, owner: risk, runbook: RUNBOOK.md }
rules:
  - { id: big, event: event Withdraw(uint256 amount), where: amount > 1000 }
`;
const own =
  'const sum = defineDetector({ id: "sum", version: "1.0.0", kind: "anomaly", runbook: "RUNBOOK.md", owner: "risk", setup(app) { app.block({ every: 1 }, () => {}); } });';
const policy = (change = "") => `policy: {
    expiresAt: "2099-01-01", guardians: ["${ann}", "${bob}"], quorum: 2, council: "${ann}", breaker: "${bob}",
    permissions: [{ target: "${vault}", name: "Vault", selectors: ["0x2e1a7d4d"], exempt: ["0x43d726d6"], maxDurationSeconds: 60 }], ${change}
  }`;
const playbook = `playbooks: [pausePlaybook({ id: "stop", targets: [{ target: "${vault}", selectors: ["0x2e1a7d4d"], durationSeconds: 60 }] })]`;
const slack = 'channels: [{ type: "slack", name: "ops", token: { env: "CHECK_TOKEN" }, room: "C012345" }]';

/** What is told, without the lines of what is allowed and the way out. */
const told = (out: string) => out.split("\n").filter((line) => !line.startsWith("     - "));

test("CHECK-02: a sound configuration is told part by part, ends with 0, and no node hears of it", async () => {
  let asked = 0;
  const server = createServer(() => void asked++).on("connection", () => void asked++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const node = `rpc: ["http://127.0.0.1:${(server.address() as AddressInfo).port}"]`;
  write("rules.yaml", rules);
  config(
    [node, base[1]!, "detectors: [sum, useDetector(detectOutflow)]", 'rules: "rules.yaml"', policy(), playbook, slack],
    own,
  );
  const { code, out, err } = await place.runWith({ CHECK_TOKEN: "xoxb-1" }, "check");
  server.close();
  expect({ code, err, asked }).toEqual({ code: 0, err: "", asked: 0 });
  expect(out).toMatchInlineSnapshot(`
    "ok   configuration: 1 node, 1 protected contract
    ok   detectors: sum, outflow
    ok   rules: 1 rule in rules.yaml
    ok   policy: 1 contract may be paused, 2 of 2 guardians sign, until 2099-01-01
    ok   playbooks: stop
    ok   channels: ops (slack)
    Nothing is wrong.
    "
  `);
});

test("CHECK-02: a data folder that is a file, or lies below one, is told with its line", async () => {
  write("taken", "");
  for (const [name, what] of [
    ["taken", "is no folder."],
    ["./taken/data", `lies below "${join(place.folder, "taken")}", which is no folder.`],
  ]) {
    config([...base, `dataDir: "${name}"`]);
    const { code, out } = await place.run("check");
    expect([code, told(out).find((line) => line.startsWith("fail"))]).toEqual([
      1,
      expect.stringMatching(/^fail data: /),
    ]);
    expect(out).toContain(`testudo.config.ts:6:3 Data folder "${join(place.folder, name!)}" ${what}`);
  }
});

test("CHECK-02: a detector that misspells a parameter would be silent, and is told with its line", async () => {
  const misspelt =
    'const own = defineDetector({ id: "own", version: "1.0.0", kind: "anomaly", runbook: "RUNBOOK.md", owner: "risk", defaults: { maxBps: 5 }, setup(app) { app.block({ every: 1 }, (c) => { if (1 > c.p.maxBqs) c.finding({ severity: "high" }); }); } });';
  config([...base, "detectors: [own]"], misspelt);
  const { code, out } = await place.run("check");
  expect(code).toBe(1);
  expect(out).toContain(
    'testudo.config.ts:2 Detector "own" cannot be used: "c.p.maxBqs" is not there; known are maxBps.',
  );
});

test("CHECK-02: a private relay is told without its key, and its header's secret has to be there", async () => {
  const relay = `relay: { url: "https://relay.example/v1/s3cret-k3y-0815", publicAfterBlocks: 1, header: { name: "X-Auth", value: { env: "CHECK_RELAY" } } },`;
  config([...base, policy(relay)]);
  const line = "private relay: https://relay.example/v1/… gets signed pauses first, the public nodes 1 block later";
  const sound = await place.runWith({ CHECK_RELAY: "Bearer x" }, "check");
  expect([sound.code, sound.out]).toEqual([0, expect.stringContaining(`ok   ${line}`)]);
  const { code, out } = await place.run("check");
  expect([code, out]).toEqual([1, expect.stringContaining(`fail ${line}`)]);
  expect(out).toContain('There is no value of the relay\'s header "X-Auth"');
  expect(out + sound.out).not.toContain("s3cret");
});

test("CHECK-01: all faults are told, each with its part and its place, and it ends with 1", async () => {
  write("rules.yaml", rules.replace("amount > 1000", "amont > 1000"));
  write(
    "more.json",
    JSON.stringify({ rules: [{ id: "x", severity: "high", runbook: " ", owner: "o", call: "function f()" }] }),
  );
  config(
    [
      'rpc: [env("CHECK_NODE")]',
      'protect: ["0x12"]',
      "detectors: [useDetector(bare), useDetector(detectOutflow, { limit: 1 } as any)]",
      'rules: ["rules.yaml", "more.json", "none.yaml"]',
      slack,
      'calibration: "none.json"',
      'deployment: { file: "none.ts" }',
      'sender: { keystore: "k.json", passwordFile: "p" }',
      'preblock: { relayToken: { env: "CHECK_RELAY" } }, people: [{ name: "ana", token: { env: "CHECK_ANA" } }]',
      "quorun: 1 as any",
      policy().replace('exempt: ["0x43d726d6"]', 'exempt: ["0x2e1a7d4d"]'),
    ],
    'const bare = { ...detectOutflow, meta: { ...detectOutflow.meta, id: "bare", runbook: "", owner: " " } };',
  );
  const { code, out, err } = await place.run("check");
  expect({ code, err }).toEqual({ code: 1, err: "" });
  expect(told(out.replaceAll(place.folder, "<folder>"))).toMatchInlineSnapshot(`
    [
      "fail configuration: 1 node, 0 protected contracts",
      "     testudo.config.ts:4:13 Environment variable "CHECK_NODE" is not set.",
      "     testudo.config.ts:5:13 \`protect[0]\` is "0x12", a string.",
      "     testudo.config.ts:13:3 The configuration has the unknown key "quorun".",
      "fail detectors: bare",
      "     testudo.config.ts:6:63 Detector parameter \`limit\` is refused: there is none of that name.",
      "     testudo.config.ts:6:15 Detector "bare" has an empty runbook.",
      "     testudo.config.ts:6:15 Detector "bare" has an empty owner.",
      "fail rules: 0 rules in rules.yaml, more.json, none.yaml",
      "     rules.yaml:4:62 \`rules[0].where\`: "amont" is not known here. (column 1 of the expression)",
      "     more.json:1:49 \`rules[0].runbook\` is " ", a string.",
      "     none.yaml cannot be read: ENOENT.",
      "fail policy",
      "     testudo.config.ts:16:90 Selector 0x2e1a7d4d of "Vault" reduces risk and is listed as pausable.",
      "fail channels: ops (slack)",
      "     testudo.config.ts:8:44 There is no \`token\` of channel "ops": environment variable "CHECK_TOKEN" is not set.",
      "fail relay: its token",
      "     testudo.config.ts:12:15 There is no relay token: environment variable "CHECK_RELAY" is not set.",
      "fail people: ana",
      "     testudo.config.ts:12:77 There is no token of "ana": environment variable "CHECK_ANA" is not set.",
      "fail calibration: none.json",
      "     <folder>/none.json cannot be read: it is not there",
      "fail deployment: none.ts",
      "     none.ts is not there, or is no file.",
      "fail sender: k.json",
      "     testudo.config.ts:11:33 "<folder>/p" is not there.",
      "     testudo.config.ts:11:13 Keystore "<folder>/k.json" cannot be used: it is not there.",
      "17 faults.",
      "",
    ]
  `);
  const asJson = await place.run("check", "--json");
  const parts = JSON.parse(asJson.out) as { part: string; faults: { file: string; line?: number; what: string }[] }[];
  expect(asJson.code).toBe(1);
  expect(parts.find(({ part }) => part === "policy")?.faults).toMatchObject([
    {
      file: "testudo.config.ts",
      line: 16,
      what: 'Selector 0x2e1a7d4d of "Vault" reduces risk and is listed as pausable.',
    },
  ]);
});

test("CHECK-02, RESP-02: a policy that is over is a fault, and a sender that the policy does not name", async () => {
  const address = "33".repeat(20);
  write("k.json", keystore(address));
  write("p", "password");
  for (const name of ["k.json", "p"]) chmodSync(join(place.folder, name), 0o600);
  const bounds = `rules: { program: "${ann}", atOnce: 1, permissions: [{ target: "${vault}", selectors: ["0x2e1a7d4d"], kinds: ["DENY"], maxDurationSeconds: 60 }] }`;
  config([...base, policy(bounds).replace("2099", "2020"), 'sender: { keystore: "k.json", passwordFile: "p" }']);
  const { code, out } = await place.run("check");
  expect(code).toBe(1);
  expect(out).toContain("testudo.config.ts:7:5 `policy.expiresAt` is over since 2020-01-01.");
  expect(out).toContain(`The sender is 0x${address}, rules are ${ann}'s to send.`);
});

test("CHECK-02: a password that does not open the sender's keystore is a fault of the file that holds it", async () => {
  await newKeystore(join(place.folder, "k.json"), "correct horse", { n: 1 << 10, r: 8, p: 1 });
  config([...base, 'sender: { keystore: "k.json", passwordFile: "p" }']);
  const withPassword = async (line: string) => {
    write("p", line);
    chmodSync(join(place.folder, "p"), 0o600);
    const { code, out } = await place.run("check");
    return { code, out: told(out.replaceAll(place.folder, "<folder>")).slice(-4, -1) };
  };
  expect(await withPassword("battery staple")).toEqual({
    code: 1,
    out: [
      "fail sender: k.json",
      '     testudo.config.ts:6:33 The password does not open "<folder>/k.json".',
      "1 fault.",
    ],
  });
  expect((await withPassword("correct horse")).code).toBe(0);
});

test("CHECK-02: what shows only where all is put together is a fault too: a calibration of another chain", async () => {
  const measured = identify({
    ...{ kind: "Calibration" as const, from: [], chainId: 5, watched: [vault], correlations: [], detectors: [] },
    range: { to: { timestamp: 1n } },
  });
  write("cal.json", calibrationText(measured as unknown as Calibration));
  const withCalibration = async (...lines: readonly string[]) => {
    config([...base, 'calibration: "cal.json"', ...lines]);
    const { code, out } = await place.run("check");
    return { code, out: told(out).slice(-3) };
  };
  expect(await withCalibration("chainId: 5")).toEqual({
    code: 0,
    out: ["ok   calibration: cal.json: 0 detectors on chain 5", "Nothing is wrong.", ""],
  });
  const other = await withCalibration("chainId: 1");
  expect(other.code).toBe(1);
  expect((await place.run("check")).out).toContain("names a calibration of chain 5, the nodes are on chain 1.");
  write("cal.json", calibrationText({ ...measured, chainId: 1 } as unknown as Calibration));
  expect((await withCalibration("chainId: 1")).code).toBe(1);
  expect((await place.run("check")).out).toContain("was altered: its id is not the hash of what it says");
});

test("CHECK-02, CAL-05: a detector of another version than was measured is told, and the watch takes it uncalibrated", async () => {
  const entry = { detector: "sum", subject: vault, transactions: 0, tail: [], levels: [] };
  const measured = (version: string) =>
    identify({
      ...{ kind: "Calibration" as const, from: [], chainId: 1, watched: [vault], correlations: [] },
      ...{ detectors: [{ ...entry, version }], range: { to: { timestamp: 1n } } },
    });
  config([...base, "detectors: [sum]", 'calibration: "cal.json"'], own);
  write("cal.json", calibrationText(measured("0.9.0") as unknown as Calibration));
  const { code, out } = await place.run("check");
  expect({ code, out: told(out).slice(-4) }).toEqual({
    code: 0,
    out: [
      "note calibration: cal.json: 1 detector on chain 1",
      '     "sum" 0.9.0 was measured and 1.0.0 runs: it alerts uncalibrated until `testudo calibrate` is run again.',
      "A watch takes it; 1 note to read.",
      "",
    ],
  });
  const parts = JSON.parse((await place.run("check", "--json")).out) as { part: string; notes?: string[] }[];
  expect(parts.find(({ part }) => part === "calibration")?.notes).toHaveLength(1);
  write("cal.json", calibrationText(measured("1.0.0") as unknown as Calibration));
  expect((await place.run("check")).out).toContain("Nothing is wrong.");
});

test("CHECK-02: bots that do not load are told with the place, and one that loads passes", async () => {
  const bots = (module: string) =>
    `detectors: [fortaAdapter({ id: "bots", runbook: "R", owner: "o", bots: [{ id: "b", module: "${module}" }] })]`;
  const sdk = join(place.folder, "node_modules", "forta-agent");
  config([...base, bots("./bot.js")]);
  expect((await place.run("check")).out).toContain(
    'testudo.config.ts:6 Forta adapter "bots" cannot be used: there is no file',
  );
  // What a bot asks of the SDK when it is loaded is nothing; it only has to be there.
  mkdirSync(sdk, { recursive: true });
  write("node_modules/forta-agent/index.js", "");
  write("bot.js", "throw new Error('no such module here')");
  const failed = await place.run("check");
  expect(failed.out).toContain('testudo.config.ts:6:15 A bot of "bots" failed: Error: no such module here');
  write("bot.js", "module.exports = { handleBlock: async () => [] };");
  expect(await place.run("check")).toMatchObject({ code: 0, out: expect.stringContaining("ok   detectors: bots\n") });
});

test("CHECK-02: a bot that ends its thread is told as that, and not as one that is slow", async () => {
  const sdk = join(place.folder, "node_modules", "forta-agent");
  mkdirSync(sdk, { recursive: true });
  write("node_modules/forta-agent/index.js", "");
  write("bot.js", "process.exit(0);");
  config([
    ...base,
    'detectors: [fortaAdapter({ id: "bots", runbook: "R", owner: "o", bots: [{ id: "b", module: "./bot.js" }] })]',
  ]);
  const { code, out } = await place.run("check");
  expect([code, out]).toEqual([
    1,
    expect.stringContaining('A bot of "bots" failed: its code ended its thread, or waits for what never comes.'),
  ]);
});

test("CHECK-02: what was imported from OpenZeppelin Monitor is checked as any other", async () => {
  for (const name of ["networks", "monitors", "triggers"])
    mkdirSync(join(place.folder, "oz", name), { recursive: true });
  const json = (name: string, value: unknown) => write(`oz/${name}.json`, JSON.stringify(value));
  json("networks/a", {
    network_type: "EVM",
    slug: "ethereum_mainnet",
    name: "Ethereum",
    chain_id: 1,
    block_time_ms: 12_000,
    confirmation_blocks: 1,
    rpc_urls: [{ type_: "rpc", url: { type: "plain", value: "https://node.example" }, weight: 100 }],
    cron_schedule: "0 */1 * * * *",
    max_past_blocks: 18,
    store_blocks: false,
  });
  json("monitors/a", {
    name: "Large transfer",
    paused: false,
    networks: ["ethereum_mainnet"],
    trigger_conditions: [],
    triggers: ["hook"],
    addresses: [
      {
        address: vault,
        contract_spec: [
          {
            type: "event",
            name: "Transfer",
            inputs: [
              { name: "from", type: "address", indexed: true },
              { name: "to", type: "address", indexed: true },
              { name: "value", type: "uint256", indexed: false },
            ],
          },
        ],
      },
    ],
    match_conditions: {
      functions: [],
      events: [{ signature: "Transfer(address,address,uint256)", expression: "value > 10" }],
      transactions: [],
    },
  });
  json("triggers/a", {
    hook: {
      name: "Hook",
      trigger_type: "webhook",
      config: {
        url: { type: "plain", value: "https://hook.example/x" },
        secret: { type: "environment", value: "CHECK_HOOK" },
        method: "POST",
        headers: {},
        message: { title: "t", body: "b" },
      },
    },
  });
  const imported = await place.run("import", "oz-monitor", "oz");
  expect(imported.code).toBe(0);
  const file = "imported/ethereum_mainnet/testudo.config.ts";
  const lacking = await place.run("check", "--config", file);
  expect({ code: lacking.code, out: told(lacking.out).join("\n") }).toMatchObject({
    code: 1,
    out: expect.stringContaining('variable "HOOK_SECRET" is not set'),
  });
  const env = {
    ETHEREUM_MAINNET_RPC_1: "https://node.example",
    HOOK_URL: "https://hook.example/x",
    HOOK_SECRET: `whsec_${Buffer.alloc(32, 1).toString("base64")}`,
  };
  const sound = await place.runWith(env, "check", "--config", file);
  expect(sound).toMatchObject({ code: 0, out: expect.stringContaining("Nothing is wrong.") });
});

test("CHECK-03: a file that does not run hides the rest, and what it refused before is told too", async () => {
  write("testudo.config.ts", "export default {");
  expect(await place.run("check")).toMatchObject({
    code: 1,
    out: expect.stringMatching(/fail configuration\n {5}testudo\.config\.ts:1:\d+ does not parse/),
  });
  config(base, 'const key = env("CHECK_UNSET");\nthrow new Error("lost");');
  const { code, out } = await place.run("check");
  expect(code).toBe(1);
  expect(told(out)).toEqual([
    "fail configuration",
    '     testudo.config.ts:2:17 Environment variable "CHECK_UNSET" is not set.',
    "     testudo.config.ts:3 Error: lost",
    "2 faults.",
    "",
  ]);
});

test.each([
  ["no configuration", ["check"], "testudo.config.ts is not there, or is no file."],
  ["an unknown option", ["check", "--rpc", "http://a"], "unknown option '--rpc'"],
])("CHECK-02: %s is wrong usage", async (_, args, text) => {
  const { code, err, out } = await place.run(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(text);
});

test("error: no name in a file steers the terminal, and no secret is repeated", async () => {
  const key = "ab".repeat(32);
  config([...base, 'rules: ["\\u001b[2J.yaml"]', `quorum: "${key}" as any`]);
  const { out } = await place.run("check");
  expect(out).toContain("·[2J.yaml");
  expect(out).not.toContain("\u001b");
  expect(out).not.toContain(key);
});

function keystore(address: string): string {
  const crypto = {
    ...{
      cipher: "aes-128-ctr",
      ciphertext: "00".repeat(32),
      cipherparams: { iv: "00".repeat(16) },
      mac: "00".repeat(32),
    },
    ...{ kdf: "scrypt", kdfparams: { dklen: 32, n: 262_144, p: 1, r: 8, salt: "00".repeat(32) } },
  };
  return JSON.stringify({ version: 3, id: "00000000-0000-4000-8000-000000000000", address, crypto });
}

test("CHECK-03: what answers are refused is told beside the rest, and so are pauses that the policy does not allow", async () => {
  const answers = `playbooks: [
    when("Outflow").respond(pause("${vault}", ["withdraw(uint)"])),
    when("outflow").respond(),
    when("outflow").respond(pause("${bob}", ["withdraw(uint256)"])),
  ]`;
  config([...base, "detectors: [useDetector(detectOutflow)]", policy(), answers]);
  const { code, out } = await place.run("check");
  expect(code).toBe(1);
  for (const told of [
    '"Outflow" is no detector\'s id.',
    '"withdraw(uint)" is no function.',
    "An answer plans nothing.",
    `Playbook "when-outflow" plans what the policy refuses: target ${bob} is not in the policy.`,
  ])
    expect(out).toContain(told);
  expect(out).not.toContain(`target ${vault}`);
});

test("CHECK-02: a file that leaves a timer running ends with what it says", async () => {
  config(base, "setInterval(() => {}, 1_000);");
  expect((await place.run("check")).code).toBe(0);
});

test("CHECK-02: a file that loops, or reads what nobody writes, is ended after its time, and ends with 1", {
  timeout: 120_000,
}, async () => {
  execFileSync("mkfifo", [join(place.folder, "pipe")]);
  config(base, "for (;;) {}");
  write("waits.config.ts", `import { readFileSync } from "node:fs"; readFileSync("pipe");`);
  const [loops, waits] = await Promise.all([place.run("check"), place.run("check", "--config", "waits.config.ts")]);
  expect([loops.code, waits.code]).toEqual([1, 1]);
  for (const { out } of [loops, waits]) expect(out).toContain("did not come to its end within 30 s");
});
