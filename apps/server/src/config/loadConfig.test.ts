import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ConfigError, placeText } from "./ConfigError.ts";
import { loadConfig } from "./loadConfig.ts";
import { programOf } from "./programOf.ts";

// The process of its own runs what was built.
const { loadDataDir } = (await import(new URL("../../dist/config/loadDataDir.js", import.meta.url).href)) as {
  loadDataDir: typeof import("./loadDataDir.ts").loadDataDir;
};

// With its checksum (EIP-55).
const vault = "0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB";
const [ann, bob, eve] = ["11", "22", "33"].map((byte) => `0x${byte.repeat(20)}`);
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-config-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(...lines: readonly string[]): string {
  const path = join(folder, "testudo.config.ts");
  writeFileSync(path, lines.join("\n"));
  return path;
}

/** A file whose line 1 imports and whose object starts on line 2: `lines[0]` stands on line 3. */
function writeObject(...lines: readonly string[]): string {
  return write(
    'import { defineConfig, env, useDetector } from "testudo";',
    "export default defineConfig({",
    ...lines,
    "});",
  );
}

/** The error of loading `path`: its class, its places without the folder, its text. */
async function failureOf(path: string): Promise<{ name: string; places: readonly string[]; text: string }> {
  const error = await loadConfig(path).then(
    () => undefined,
    (e: ConfigError) => e,
  );
  if (error === undefined) throw new Error("The configuration was accepted.");
  const inFolder = (text: string) => text.replaceAll(`${folder}/`, "");
  return {
    name: error.name,
    places: (error.mistakes ?? []).map(({ place }) => inFolder(placeText(place))),
    text: inFolder(error.message),
  };
}

const base = ['  rpc: ["http://127.0.0.1:8545"],', `  protect: ["${vault}"],`];

test("behavior: a minimal file gets every default", async () => {
  const { file, dataDir, sources, ...rest } = await loadConfig(writeObject(...base));
  expect(sources).toEqual([{ file, text: readFileSync(file, "utf8") }]);
  expect(file).toBe(join(folder, "testudo.config.ts"));
  expect(dataDir).toBe(join(folder, ".testudo"));
  expect(rest).toEqual({
    rpc: ["http://127.0.0.1:8545"],
    heads: [],
    quorum: 1,
    applyCalibration: false,
    chainId: undefined,
    remotes: [],
    protect: [{ name: "protected-1", address: vault.toLowerCase() }],
    detectors: undefined,
    ruleDetectors: [],
    playbooks: [],
    policy: null,
    channels: [{ type: "terminal", name: "terminal-1", minSeverity: "info" }],
    escalations: [],
    api: { port: 4600, host: "127.0.0.1" },
    pollMs: 500,
    detectorLimitMs: 250,
    relay: undefined,
    sender: undefined,
    fromBlock: undefined,
    people: [],
    deliverHistory: false,
  });
});

test("TRIAL-03: other chains that detectors read stand under `remotes`, each once", async () => {
  const far = (...ids: number[]) =>
    `  remotes: [${ids.map((id) => `{ chainId: ${id}, rpc: ["http://far"] }`).join(", ")}],`;
  const { remotes } = await loadConfig(writeObject(...base, far(10, 42_161)));
  expect(remotes).toEqual([
    { chainId: 10, rpc: ["http://far"] },
    { chainId: 42_161, rpc: ["http://far"] },
  ]);
  await expect(loadConfig(writeObject(...base, far(10, 10)))).rejects.toThrow(
    "Allowed: each chain once; this is remotes[0] again.",
  );
});

test("behavior: two nodes mean a quorum of two", async () => {
  const { quorum } = await loadConfig(writeObject('  rpc: ["http://a", "https://b"],', base[1]!));
  expect(quorum).toBe(2);
});

const policyLines = (change: { quorum?: string; selectors?: string; guardians?: string } = {}) => [
  "  policy: {",
  '    expiresAt: "2027-03-31",',
  `    guardians: [${change.guardians ?? `"${ann}", "${bob}", "${eve}"`}],`,
  `    quorum: ${change.quorum ?? "2"},`,
  `    council: "${ann}", breaker: "${bob}",`,
  "    permissions: [",
  `      { target: "${vault}", name: "Vault", selectors: [${change.selectors ?? '"0x2E1A7D4D"'}], exempt: ["0xd0e30db0"],`,
  "        maxDurationSeconds: 6 * 3600 },",
  "    ],",
  "  },",
];

test("behavior: a policy is compiled with lower-case addresses and Unix seconds", async () => {
  const { policy } = await loadConfig(writeObject(...base, ...policyLines()));
  expect(policy).toMatchObject({
    id: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    expiresAt: BigInt(Date.parse("2027-03-31") / 1_000),
    minSeverity: "high",
    coolOffSeconds: 86_400,
    deadlineSeconds: 3_600,
    permissions: [{ target: vault.toLowerCase(), selectors: ["0x2e1a7d4d"], exempt: ["0xd0e30db0"] }],
  });
});

test("behavior: a policy is the same whether its functions are named by selector or by signature", async () => {
  const by = async (selectors: string) =>
    (await loadConfig(writeObject(...base, ...policyLines({ selectors })))).policy;
  expect((await by('"withdraw(uint256)"'))!.id).toBe((await by('"0x2e1a7d4d"'))!.id);
  for (const wrong of ["withdraw", "withdraw(uint)", "withdraw(uint256 amount)", "0x2e1a7d"])
    expect((await failureOf(writeObject(...base, ...policyLines({ selectors: `"${wrong}"` })))).text).toContain(
      'Allowed: a selector, or the signature with full types and without spaces, such as "withdraw(uint256)".',
    );
  const exempt = policyLines({ selectors: '"deposit()"' });
  expect((await failureOf(writeObject(...base, ...exempt))).text).toContain("Take 0xd0e30db0 out of `selectors`.");
});

test("CAT-02: a file that lies anywhere has the suites and the ready adapters from testudo", async () => {
  const house = `clearingHouse: "${vault}", vault: "${vault}", accountBalance: "${vault}", exchange: "${vault}"`;
  const path = write(
    'import { coveredCallAdapter, curieAdapter, defineConfig, lendingDetectors, morphoBlueAdapter, optionsDetectors, perpDetectors } from "testudo";',
    "export default defineConfig({",
    ...base,
    "  detectors: [",
    `    ...perpDetectors(curieAdapter({ ${house}, insuranceFund: "${vault}", clearingHouseConfig: "${vault}", markets: [] })),`,
    `    ...lendingDetectors(morphoBlueAdapter({ name: "two", morpho: "${vault}", markets: [] }), {}, "two"),`,
    `    ...optionsDetectors(coveredCallAdapter({ name: "three", vault: "${vault}", underlyingDecimals: 18 }), {}, "three"),`,
    "  ],",
    "});",
  );
  expect((await loadConfig(path)).detectors?.map(({ meta }) => meta.id)).toEqual([
    "looped-borrow",
    "collateral-jump",
    "liq-cascade",
    "order-flow",
    "skew-oi",
    "funding",
    "exec-vs-mark",
    "looped-borrow-two",
    "collateral-jump-two",
    "liq-cascade-two",
    "collateral-jump-three",
    "skew-oi-three",
    "exec-vs-mark-three",
  ]);
});

test("error: missing file", async () => {
  expect((await failureOf(join(folder, "none.ts"))).text).toMatchInlineSnapshot(`
    "none.ts is not there, or is no file.
    - A configuration is a TypeScript file that default-exports defineConfig({ … }).
    - Run \`testudo init\` to write one, or give its path with --config."
  `);
});

test("error: syntax error, with its line", async () => {
  const { name, places } = await failureOf(writeObject("  rpc: [", "  protect: 1 2,"));
  expect({ name, places }).toEqual({ name: "ConfigSyntaxError", places: ["testudo.config.ts:4:10"] });
});

test("error: no default export", async () => {
  const { name, text } = await failureOf(write("export const a = 1;"));
  expect(name).toBe("ConfigNotDefined");
  expect(text).toContain("testudo.config.ts has no default export.");
});

test("error: a default export that defineConfig did not make, with its line", async () => {
  const { name, places } = await failureOf(write("const a = 1;", 'export default { rpc: ["http://a"] };'));
  expect({ name, places }).toEqual({ name: "ConfigNotDefined", places: ["testudo.config.ts:2:16"] });
});

test("error: unknown key, with its line and the nearest one", async () => {
  const { name, text } = await failureOf(writeObject(...base, "  pollMS: 500,"));
  expect(name).toBe("ConfigInvalid");
  expect(text).toMatchInlineSnapshot(`
    "testudo.config.ts:5:3 The configuration has the unknown key "pollMS".
    - Allowed keys: rpc, heads, quorum, chainId, remotes, protect, detectors, rules, playbooks, policy, channels, escalations, api, people, dataDir, pollMs, detectorLimitMs, sender, deployment, observe, preblock, reexecute, hardfork, calibration, applyCalibration, composite, fromBlock, deliverHistory.
    - Did you mean "pollMs"?"
  `);
});

test("error: unknown key inside, with its line", async () => {
  const { text } = await failureOf(writeObject(...base, "  api: {", "    prt: 4600,", "  },"));
  expect(text).toMatchInlineSnapshot(`
    "testudo.config.ts:6:5 \`api\` has the unknown key "prt".
    - Allowed keys: port, host.
    - Did you mean "port"?"
  `);
});

test("error: wrong type, with the key's line", async () => {
  const { text } = await failureOf(writeObject(...base, '  quorum: "2" as unknown as number,'));
  expect(text).toMatchInlineSnapshot(`
    "testudo.config.ts:5:3 \`quorum\` is "2", a string.
    - Allowed: a whole number from 1 to 8 nodes.
    - Write 2 without quotes."
  `);
});

test("error: wrong element of a list that is a constant of its own", async () => {
  const path = write(
    'import { defineConfig } from "testudo";',
    "const mine = [",
    `  "${vault}",`,
    '  "0x12",',
    "] as const;",
    'const config = { rpc: ["http://a"], protect: mine };',
    "export default defineConfig(config);",
  );
  expect((await failureOf(path)).text).toMatchInlineSnapshot(`
    "testudo.config.ts:4:3 \`protect[1]\` is "0x12", a string.
    - Allowed: an address, or { name, address }.
    - Correct the value."
  `);
});

test("error: behind a spread the list is named, not a wrong element", async () => {
  const { places } = await failureOf(writeObject(base[0]!, `  protect: [...["${vault}" as const], "0x12"],`));
  expect(places).toEqual(["testudo.config.ts:4:12"]);
});

test("error: missing keys are all named at the object", async () => {
  const { places, text } = await failureOf(writeObject("  pollMs: 500,"));
  expect(places).toEqual(["testudo.config.ts:2:29", "testudo.config.ts:2:29"]);
  expect(text).toContain("`rpc` is missing.");
  expect(text).toContain("`protect` is missing.");
});

test("error: more votes than nodes", async () => {
  const { text } = await failureOf(writeObject(...base, "  quorum: 2,"));
  expect(text).toContain("testudo.config.ts:5:3 `quorum` is 2.\n- Allowed: 1 to 1, as many nodes as `rpc` names.");
});

test("error: a node's address that nothing here can ask", async () => {
  const { text } = await failureOf(writeObject('  rpc: ["ws://a"],', base[1]!));
  expect(text).toContain("Allowed: a URL that starts with http:// or https://.");
});

test("error: a node's address that is no URL, with its line", async () => {
  const { text } = await failureOf(writeObject('  rpc: ["node-one"],', base[1]!));
  expect(text).toContain('testudo.config.ts:3:9 `rpc[0]` is "node-one", a string.\n- Allowed: a URL that starts with');
});

test.each([
  ["in the same words", "http://a", "http://a"],
  ["with a slash", "http://a:1", "http://a:1/"],
  ["with its default port", "http://a", "http://A:80"],
  ["under two names of this machine", "http://127.0.0.1:9545", "http://localhost:9545"],
  ["in both address families of this machine", "http://127.0.0.1:9545", "http://[::1]:9545"],
])("error: one node named twice %s (STREAM-04)", async (_, first, again) => {
  const { places, text } = await failureOf(writeObject(`  rpc: ["${first}",`, `    "${again}"],`, base[1]!));
  expect(places).toEqual(["testudo.config.ts:4:5"]);
  expect(text).toContain("Allowed: each node once, in whatever spelling; this is rpc[0] again");
});

test("behavior: two ports of this machine, and two keys of one operator, are two nodes", async () => {
  const rpc = ["http://127.0.0.1:1", "http://127.0.0.1:2", "https://a/v2/key1", "https://a/v2/key2"];
  expect((await loadConfig(writeObject(`  rpc: ${JSON.stringify(rpc)},`, base[1]!))).rpc).toEqual(rpc);
});

test("STREAM-15: sockets that tell heads stand under `heads`, each once, ws or wss", async () => {
  const heads = ["ws://127.0.0.1:8546", "wss://a/v2/key1", "wss://a/v2/key2"];
  const headsIn = (...urls: string[]) => writeObject(...base, `  heads: ${JSON.stringify(urls)},`);
  expect((await loadConfig(headsIn(...heads))).heads).toEqual(heads);
  for (const url of ["http://a", "wss://user:hunter2@a/#part", "wss:a b"]) {
    const { places, text } = await failureOf(headsIn(url));
    expect(places).toEqual(["testudo.config.ts:5:11"]);
    expect(text).toContain("Allowed: a URL that starts with ws:// or wss://");
    expect(text).not.toContain("hunter2");
  }
  const { text } = await failureOf(headsIn("ws://127.0.0.1:8546", "ws://localhost:8546/"));
  expect(text).toContain("each node once, in whatever spelling; this is heads[0] again");
});

test("error: one address protected twice, in whatever case, with its line", async () => {
  const lines = [
    "  protect: [",
    `    { name: "Vault", address: "${vault}" },`,
    `    "${vault.toLowerCase()}",`,
    "  ],",
  ];
  const { places, text } = await failureOf(writeObject(base[0]!, ...lines));
  expect(places).toEqual(["testudo.config.ts:6:5"]);
  expect(text).toContain("Allowed: each address once; this is protect[0] again.");
});

const mistyped = vault.replace("ABaB", "aBaB");
test.each([
  ["bare", [`  protect: ["${mistyped}"],`]],
  ["with a name", [`  protect: [{ name: "Vault", address: "${mistyped}" }],`]],
  ["in the policy", [base[1]!, ...policyLines().map((line) => line.replace(vault, mistyped))]],
])("error: an address %s whose checksum is wrong", async (_, lines) => {
  const { text } = await failureOf(writeObject(base[0]!, ...lines));
  expect(text).toContain(`is "${mistyped}", a string.\n- Allowed: an address, 0x and 40 hexadecimal digits; in mixed`);
  expect(text).toContain("- A digit or its case was changed: copy the address again from where it is known.");
});

test("behavior: digits in one case carry no checksum", async () => {
  const upper = `0x${vault.slice(2).toUpperCase()}`;
  expect((await loadConfig(writeObject(base[0]!, `  protect: ["${upper}"],`))).protect).toMatchObject([
    { address: vault.toLowerCase() },
  ]);
});

test.each(["-1", "-1n", "1.5", '"12"'])("error: a first block that is %s", async (value) => {
  const { places, text } = await failureOf(writeObject(...base, `  fromBlock: ${value} as any,`));
  expect(places).toEqual(["testudo.config.ts:5:3"]);
  expect(text).toContain("- Allowed: a block number, 0 or more.");
});

test("error: a URL's credentials are not repeated", async () => {
  const { text } = await failureOf(writeObject('  rpc: ["ftp://user:hunter2@a"],', base[1]!));
  expect(text).toContain('testudo.config.ts:3:9 `rpc[0]` is "ftp://…@a", a string.');
  expect(text).not.toContain("hunter2");
});

test("error: an address that others on the network can reach", async () => {
  const { text, places } = await failureOf(writeObject(...base, '  api: { host: "0.0.0.0" },'));
  expect(places).toEqual(["testudo.config.ts:5:10"]);
  expect(text).toContain("Allowed: a loopback address");
});

test("error: a channel without its secret, with the channel's line", async () => {
  const { text } = await failureOf(
    writeObject(
      ...base,
      "  channels: [",
      '    { type: "terminal" },',
      '    { type: "webhook", url: "https://a" },',
      "  ],",
    ),
  );
  expect(text).toContain("testudo.config.ts:7:5 `channels[1].secrets` is missing.");
});

test("error: a weak secret is refused and not repeated", async () => {
  const { text } = await failureOf(
    writeObject(...base, "  channels: [", '    { type: "webhook", url: "https://a", secrets: ["hunter2"] },', "  ],"),
  );
  expect(text).toContain("testudo.config.ts:6:52 `channels[0].secrets[0]` is not shown.");
  expect(text).toContain("randomBytes(32)");
  expect(text).not.toContain("hunter2");
});

test("behavior: a webhook with everything", async () => {
  const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
  const line = `  channels: [{ type: "webhook", name: "ops", url: "https://a/b", secrets: ["${secret}"], minSeverity: "high" }],`;
  const { channels } = await loadConfig(writeObject(...base, line));
  expect(channels).toEqual([
    { type: "webhook", name: "ops", url: "https://a/b", secrets: [secret], minSeverity: "high" },
  ]);
});

test("behavior: a deployment's paths start at the file's folder, and it is compared every ten minutes", async () => {
  const { deployment } = await loadConfig(writeObject(...base, '  deployment: { file: "a.ts", plan: "b.json" },'));
  expect(deployment).toEqual({ file: join(folder, "a.ts"), plan: join(folder, "b.json"), everyMinutes: 10 });
  const { text } = await failureOf(writeObject(...base, '  deployment: { file: "a.ts", everyMinutes: 0 },'));
  expect(text).toContain("`deployment.everyMinutes` is 0.");
});

test("error: two channels under one name", async () => {
  const { text } = await failureOf(
    writeObject(...base, '  channels: [{ type: "terminal", name: "a" },', '    { type: "terminal", name: "a" }],'),
  );
  expect(text).toContain(
    'testudo.config.ts:6:5 `channels[1]` is an object with type, name.\n- Allowed: each channel name once; "a"',
  );
});

const relayLines = (relay: string) =>
  policyLines().map((line) => line.replace("policy: {", `policy: { relay: ${relay},`));

test("RESP-12: the policy says when a relay's bytes are public, and how it is reached is kept apart from it", async () => {
  const url = "https://relay.example/v1/s3cret-k3y-0815?auth=s3cret-k3y-0816";
  const plain = await loadConfig(writeObject(...base, ...relayLines(`{ url: "${url}" }`)));
  expect(plain.policy?.relay).toEqual({ name: "https://relay.example/v1/…", publicAfterBlocks: 2 });
  expect(plain.relay).toEqual({ url, method: "eth_sendRawTransaction" });
  expect(JSON.stringify(plain.policy, (_, value) => (typeof value === "bigint" ? `${value}` : value))).not.toContain(
    "s3cret",
  );
  const header = '{ name: "X-Auth", value: { file: "relay.secret" } }';
  const settings = `{ url: "${url}", method: "eth_sendPrivateTransaction", publicAfterBlocks: "never", header: ${header} }`;
  const full = await loadConfig(writeObject(...base, ...relayLines(settings)));
  expect(full.policy?.relay?.publicAfterBlocks).toBe("never");
  expect(full.relay).toEqual({
    url,
    method: "eth_sendPrivateTransaction",
    header: { name: "X-Auth", value: { file: join(folder, "relay.secret") } },
  });
  expect((await loadConfig(writeObject(...base, ...policyLines()))).relay).toBeUndefined();
});

test.each([
  ['{ url: "http://relay.example/s3cret-k3y-0815" }', /Allowed: a URL that starts with https:/],
  ['{ url: "relay.example/s3cret-k3y-0815" }', /`policy.relay.url` is not shown.*https:/s],
  ['{ url: "https://anna:s3cret@relay.example" }', /without user and password/],
  [
    '{ url: "https://relay.example", method: "eth_sendBundle" }',
    /Allowed: eth_sendRawTransaction, eth_sendPrivateTransaction/,
  ],
  ['{ url: "https://relay.example", publicAfterBlocks: 0 }', /Allowed: a whole number from 1 to 1000/],
  ['{ url: "https://relay.example", publicAfterBlocks: "soon" }', /never/],
  ['{ url: "https://relay.example", header: { name: "Host", value: { env: "A" } } }', /none that HTTP itself sets/],
  ['{ url: "https://relay.example", header: { name: "a: b", value: { env: "A" } } }', /Allowed: a header's name/],
  [
    '{ url: "https://relay.example", header: { name: "X-Auth", value: "s3cret" } }',
    /does not stand in the configuration/,
  ],
  ['{ url: "http://localhost:8545/" }', /is the node rpc\[0\]/],
])("error: RESP-12: the relay %s is refused", async (relay, reason) => {
  const { name, text } = await failureOf(writeObject(...base, ...relayLines(relay)));
  expect([name, text]).toEqual(["ConfigInvalid", expect.stringMatching(reason)]);
  expect(text).not.toContain("s3cret");
});

test("error: milliseconds in place of seconds would be a policy that never ends", async () => {
  const lines = policyLines().map((line) => line.replace('"2027-03-31"', "1806451200000000"));
  const { text } = await failureOf(writeObject(...base, ...lines));
  expect(text).toContain("testudo.config.ts:6:5 `policy.expiresAt` is 1806451200000000.\n- Allowed: Unix seconds");
});

test("error: a quorum of one guardian, with the key's line", async () => {
  const { places, text } = await failureOf(writeObject(...base, ...policyLines({ quorum: "1" })));
  expect(places).toEqual(["testudo.config.ts:8:5"]);
  expect(text).toContain("Allowed: a whole number from 2 to 32 signatures.");
});

test("error: a pausable selector that reduces risk", async () => {
  const { text } = await failureOf(writeObject(...base, ...policyLines({ selectors: '"0xD0E30DB0"' })));
  expect(text).toMatchInlineSnapshot(`
    "testudo.config.ts:11:78 Selector 0xd0e30db0 of "Vault" reduces risk and is listed as pausable.
    - Users must be able to close, repay and add margin under every pause.
    - Take 0xd0e30db0 out of \`selectors\`."
  `);
});

test("error: RESP-01: a budget without a calibration, and one that is no step of it", async () => {
  const withBudget = (ppm: number) =>
    policyLines().map((line) => line.replace("6 * 3600 }", `6 * 3600, budgetPpm: ${ppm} }`));
  expect((await failureOf(writeObject(...base, ...withBudget(100)))).text).toMatchInlineSnapshot(`
    "testudo.config.ts:12:39 \`policy.permissions[0].budgetPpm\` is 100.
    - Allowed: a budget beside \`calibration\`, which says what is beyond it.
    - Correct the value."
  `);
  expect((await failureOf(writeObject(...base, ...withBudget(150)))).text).toContain(
    "Allowed: 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000 (millionths), the steps that a calibration has.",
  );
});

test("error: fewer different guardians than the quorum", async () => {
  const { text } = await failureOf(writeObject(...base, ...policyLines({ guardians: `"${ann}", "${ann}"` })));
  expect(text).toContain("testudo.config.ts:7:5 Quorum is 2 with 1 guardian(s).");
});

test("error: a variable of the environment that is not set, with the line of env()", async () => {
  delete process.env.TESTUDO_TEST_UNSET;
  const { name, text } = await failureOf(writeObject('  rpc: [env("TESTUDO_TEST_UNSET")],', base[1]!));
  expect(name).toBe("ConfigThrew");
  expect(text).toMatchInlineSnapshot(`
    "testudo.config.ts:3:13 Environment variable "TESTUDO_TEST_UNSET" is not set.
    - The configuration reads it with env() and needs a value.
    - Start with TESTUDO_TEST_UNSET=… in the environment; only a value that is no secret may stand in the file."
  `);
});

test("behavior: env() gives the value", async () => {
  process.env.TESTUDO_TEST_SET = "http://node";
  const { rpc } = await loadConfig(writeObject('  rpc: [env("TESTUDO_TEST_SET")],', base[1]!));
  delete process.env.TESTUDO_TEST_SET;
  expect(rpc).toEqual(["http://node"]);
});

test("error: an exception in the file's own code, with its line", async () => {
  const { name, text } = await failureOf(write("const a: unknown = undefined;", "", "(a as any).b.c;"));
  expect(name).toBe("ConfigThrew");
  expect(text).toContain("testudo.config.ts:3 ");
  expect(text).toContain("TypeError: Cannot read properties of undefined");
});

test("error: an import that is not there", async () => {
  const { name, text } = await failureOf(write('import { x } from "./missing.ts";', "export default x;"));
  expect(name).toBe("ConfigThrew");
  expect(text).toContain("missing.ts");
});

const detectorLines = [
  'import { defineConfig, useDetector } from "testudo";',
  `import { z } from "${import.meta.resolve("zod").replace("file://", "")}";`,
  "const detector = {",
  '  meta: { id: "mine", version: "1.0.0", class: "anomaly", needs: { all: [] }, finality: 1, runbook: "r", owner: "o" },',
  "  params: z.strictObject({ maxBps: z.number() }), defaults: { maxBps: 1 }, detect() {},",
  "} as const;",
];

test("error: a detector's wrong parameter, with the parameter's line", async () => {
  const path = write(
    ...detectorLines,
    "export default defineConfig({",
    ...base,
    "  detectors: [",
    "    useDetector(detector as any, {",
    '      maxBps: "20",',
    "    }),",
    "  ],",
    "});",
  );
  expect((await failureOf(path)).text).toMatchInlineSnapshot(`
    "testudo.config.ts:12:7 Detector parameter \`maxBps\` is refused.
    - Invalid input: expected number, received string.
    - Correct it, or take it out to use the default."
  `);
});

test("error: a detector's unknown parameter, with the parameter's line", async () => {
  const path = write(...detectorLines, "useDetector(detector as any, {", "  maxBp: 20,", "});");
  const { text } = await failureOf(path);
  expect(text).toMatchInlineSnapshot(`
    "testudo.config.ts:8:3 Detector parameter \`maxBp\` is refused: there is none of that name.
    - Allowed keys: maxBps.
    - Did you mean "maxBps"?"
  `);
});

test("error: one detector id twice", async () => {
  const path = write(
    ...detectorLines,
    "export default defineConfig({",
    ...base,
    "  detectors: [useDetector(detector as any),",
    "    useDetector(detector as any)],",
    "});",
  );
  expect((await failureOf(path)).text).toContain("testudo.config.ts:11:5 `detectors[1]` is an object");
});

test("behavior: detectors, invariants and playbooks of the package entry are accepted", async () => {
  const path = write(
    'import { defineConfig, detectOutflow, invariant, pausePlaybook, useDetector, zeroConfigDetectors } from "testudo";',
    "const predicate = () => ({ holds: true, reason: 'r', evidence: {} });",
    "export default defineConfig({",
    ...base,
    '  detectors: [useDetector(detectOutflow), invariant({ id: "solvent", reads: () => [], predicate })],',
    `  playbooks: [pausePlaybook({ id: "p", targets: [{ target: "${ann}", selectors: ["0x2e1a7d4d"], durationSeconds: 60 }] })],`,
    "});",
    "if (zeroConfigDetectors().length === 0) throw new Error('empty set');",
  );
  const settings = await loadConfig(path);
  expect(settings.detectors?.map(({ meta }) => meta.id)).toEqual(["outflow", "invariant-solvent"]);
  const program = programOf(settings, 31337);
  expect(program).toMatchObject({ chainId: 31337, watched: [vault.toLowerCase()], policy: null });
});

test("behavior: without named detectors the zero-configuration set runs", async () => {
  const program = programOf(await loadConfig(writeObject(...base)), 1);
  expect(program.detectors.map(({ meta }) => meta.id)).toContain("asset-drain");
});

test("error: nodes of another chain than the configuration names", async () => {
  const settings = await loadConfig(writeObject(...base, "  chainId: 1,"));
  expect(() => programOf(settings, 31337)).toThrow("names chainId 1, the nodes are on chain 31337.");
});

test("error: an invariant's wrong id, with its line", async () => {
  const path = write('import { invariant } from "testudo";', "", 'invariant({ id: "Not Good" } as any);');
  expect((await failureOf(path)).text).toContain('testudo.config.ts:3 Invariant "Not Good" cannot be used');
});

test("error: a detector without an owner", async () => {
  const lines = detectorLines.map((line) => line.replace('owner: "o"', 'owner: " "'));
  const path = write(
    ...lines,
    "export default defineConfig({",
    ...base,
    "  detectors: [useDetector(detector as any)],",
    "});",
  );
  expect((await failureOf(path)).text).toContain("with a runbook and an owner.");
});

test("behavior: the data folder is told where secrets are not set, which a person in a hurry has not", async () => {
  delete process.env.TESTUDO_TEST_UNSET;
  const lines = ['  rpc: [env("TESTUDO_TEST_UNSET")],', base[1]!];
  expect(await loadDataDir(writeObject(...lines, '  dataDir: "elsewhere",'))).toBe(join(folder, "elsewhere"));
  expect(await loadDataDir(writeObject(...lines))).toBe(join(folder, ".testudo"));
});

test("error: a data folder that hangs on a variable that is not set, or is no path", async () => {
  const within = writeObject(...base, '  dataDir: env("TESTUDO_TEST_UNSET") + "/data",');
  await expect(loadDataDir(within)).rejects.toThrow('Environment variable "TESTUDO_TEST_UNSET" is not set.');
  await expect(loadDataDir(writeObject(...base, "  dataDir: 7 as any,"))).rejects.toThrow("is no folder's path");
});

test("error: the URL of a service is not shown, for its path may be the key", async () => {
  const channel = '  channels: [{ type: "webhook", name: "a", url: "http://example.com/SECRETPATH", secrets: [] }],';
  const { text } = await failureOf(writeObject(...base, channel));
  expect(text).toContain("`channels[0].url` is not shown.");
  expect(text).not.toContain("SECRETPATH");
});

test.each(['hardfork: "pragu"', 'preblock: { hardfork: "pragu" }'])(
  "error: rules that are misspelt in %s, by which nothing would be predicted",
  async (text) => {
    expect((await failureOf(writeObject(...base, `  ${text},`))).text).toMatch(
      /"pragu"[\s\S]*Allowed: .*prague, osaka/,
    );
  },
);

const readme = readFileSync(new URL("../../../../README.md", import.meta.url), "utf8");

test.each([
  ["holds", { ok: true, value: `0x${"1".padStart(64, "0")}` }, 0],
  ["is broken where nothing is left", { ok: true, value: `0x${"0".repeat(64)}` }, 1],
  ["is broken where the contract is gone", { ok: true, value: "0x" }, 1],
  ["is broken where the call reverts", { ok: false, error: "reverted" }, 1],
])("behavior: the README's configuration loads, and its invariant %s", async (_, answer, count) => {
  const [, text] = /```ts\n([\s\S]*?)```/.exec(readme)!;
  const { detectors } = await loadConfig(write(text!.replaceAll("0x…", vault)));
  const found: unknown[] = [];
  detectors!.at(-1)!.detect({
    block: { has: ["S"] },
    watched: new Set([vault]),
    readAll: () => [answer],
    finding: (draft: unknown) => found.push(draft),
  } as never);
  expect(found).toHaveLength(count);
});
