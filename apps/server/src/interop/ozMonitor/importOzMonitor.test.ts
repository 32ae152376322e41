// The folders are written here, in the form that OpenZeppelin Monitor documents.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { addr, type CaseTx, frame, runDetector } from "@testudo/core/model/detectorCase.testkit";
import { type Hex, toWord } from "@testudo/core/model/Hex";
import { AbiEvent, AbiFunction } from "ox";
import { parseSync } from "oxc-parser";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openPlace } from "../../cli/place.testkit.ts";
import { loadConfig } from "../../config/loadConfig.ts";
import { readRules } from "../../rules/readRules.ts";
import { importOzMonitor } from "./importOzMonitor.ts";
import { OzFolderUnread } from "./readOzFolder.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-oz-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, value: unknown) => {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
};

const quill = "0x00000000000000000000000000000000000Ba17A";
const other = addr(0xb22);
const [alice, bob] = [addr(0xa11ce), addr(0xb0b)];

const spec = [
  {
    type: "event",
    name: "Lent",
    inputs: [
      { name: "borrower", type: "address", indexed: true, internalType: "address" },
      { name: "amount", type: "uint256", indexed: false, internalType: "uint256" },
      { name: "memo", type: "string", indexed: false },
      { name: "legs", type: "uint256[]", indexed: false },
    ],
  },
  {
    type: "function",
    name: "repay",
    stateMutability: "nonpayable",
    outputs: [],
    inputs: [
      { name: "amount", type: "uint256" },
      { name: "early", type: "bool" },
    ],
  },
];

const network = {
  network_type: "EVM",
  slug: "quill_chain",
  name: "Quill Chain",
  rpc_urls: [
    { type_: "rpc", url: { type: "plain", value: "http://127.0.0.1:8545" }, weight: 100 },
    { type_: "rpc", url: { type: "Environment", value: "QUILL_RPC" }, weight: 50 },
  ],
  chain_id: 31_337,
  block_time_ms: 1_000,
};

const monitor = (match_conditions: object, more: object = {}) => ({
  name: "Quill Lending",
  paused: false,
  networks: ["quill_chain"],
  addresses: [{ address: quill, contract_spec: spec }],
  match_conditions: { functions: [], events: [], transactions: [], ...match_conditions },
  trigger_conditions: [],
  triggers: [],
  ...more,
});

function lent(
  borrower: Hex,
  amount: bigint,
  memo = "",
  legs: readonly bigint[] = [],
  from: Hex = quill.toLowerCase() as Hex,
) {
  const item = AbiEvent.from("event Lent(address indexed borrower, uint256 amount, string memo, uint256[] legs)");
  const { topics } = AbiEvent.encode(item, { borrower });
  const text = Buffer.from(memo);
  const words = [
    toWord(amount),
    toWord(0x60n),
    toWord(BigInt(0xa0)),
    toWord(BigInt(text.length)),
    text.toString("hex").padEnd(64, "0"),
    toWord(BigInt(legs.length)),
    ...legs.map((leg) => toWord(leg)),
  ];
  return { address: from, topics: topics as Hex[], data: `0x${words.join("")}` as Hex };
}

const tx = (more: CaseTx): CaseTx => ({ from: alice, to: quill.toLowerCase() as Hex, ...more });
const repay = (amount: bigint, early: boolean) =>
  AbiFunction.encodeData(AbiFunction.from("function repay(uint256 amount, bool early)"), [amount, early]);

/** Which of `txs` the imported rules match, by their place. */
function matchesOf(match_conditions: object, txs: readonly CaseTx[], more: object = {}): readonly number[] {
  put("networks/quill.json", network);
  put("monitors/quill.json", monitor(match_conditions, more));
  const { networks } = importOzMonitor(folder, "high");
  const rules = networks[0]!.files.find(({ name }) => name.endsWith(".yaml"))!.text;
  const detectors = readRules("testudo.rules.yaml", rules);
  const found = detectors.flatMap((use) => runDetector(use, [], [{ txs }]).flat());
  expect(found.filter(({ class: kind }) => kind === "health")).toEqual([]);
  const places = found.map(({ txHash }) => Number(BigInt(txHash!) - 100_000n));
  return [...new Set(places)].sort((a, b) => a - b);
}

describe("the documented matching rules", () => {
  const event = "Lent(address,uint256,string,uint256[])";
  const lend = (more: Partial<{ borrower: Hex; amount: bigint; memo: string; legs: bigint[] }>) =>
    tx({ logs: [lent(more.borrower ?? bob, more.amount ?? 1n, more.memo, more.legs)] });

  test.each([
    ["amount > 1000", [{ amount: 1_000n }, { amount: 1_001n }], [1]],
    [
      "amount >= 1000 AND borrower == 0x0000000000000000000000000000000000000B0B",
      [{ amount: 1_000n }, { amount: 1_000n, borrower: alice }],
      [0],
    ],
    [
      "amount > 5 AND (memo == 'RESCUE' OR memo starts_with \"re\")",
      [
        { amount: 6n, memo: "Rescue" },
        { amount: 6n, memo: "other" },
        { amount: 1n, memo: "rescue" },
      ],
      [0],
    ],
    ["memo contains vault or amount == '7'", [{ memo: "a VAULT b" }, { amount: 7n }, { amount: 8n }], [0, 1]],
    ["legs contains '20' AND legs[0] == 10", [{ legs: [10n, 20n] }, { legs: [20n, 10n] }], [0]],
    // One of them is no checksum (EIP-55); there none is.
    [
      `borrower == 0x${"0".repeat(36)}0b0B AND borrower == "0x${"0".repeat(36)}0B0b"`,
      [{ borrower: alice }, { borrower: bob }],
      [1],
    ],
    ["amount != 0x10", [{ amount: 16n }, { amount: 17n }], [1]],
    ["memo != active", [{ memo: "Active" }, { memo: "passive" }], [1]],
  ])("INT-01: %s", (expression, lends, expected) => {
    expect(matchesOf({ events: [{ signature: event, expression }] }, lends.map(lend))).toEqual(expected);
  });

  test("INT-01: spaces in a signature make no difference, and events of other contracts do not match", () => {
    const txs = [lend({}), tx({ to: other, logs: [lent(bob, 1n, "", [], other)] })];
    expect(
      matchesOf({ events: [{ signature: "Lent(address, uint256, string, uint256[])", expression: null }] }, txs),
    ).toEqual([0]);
  });

  test("INT-01: a function is what the transaction itself calls, with its arguments", () => {
    const conditions = {
      functions: [{ signature: "repay(uint256,bool)", expression: "amount > 5 AND early == TRUE" }],
    };
    const txs = [
      tx({ input: repay(6n, true) }),
      tx({ input: repay(6n, false) }),
      tx({ to: other, input: repay(6n, true) }),
      tx({
        to: other,
        trace: frame({
          from: alice,
          to: other,
          calls: [frame({ from: other, to: quill.toLowerCase() as Hex, input: repay(6n, true) })],
        }),
      }),
    ];
    expect(matchesOf(conditions, txs)).toEqual([0]);
  });

  test("INT-01: an event or a function, and the transaction beside it", () => {
    const conditions = {
      events: [{ signature: event, expression: "amount > 100" }],
      functions: [{ signature: "repay(uint256,bool)" }],
      transactions: [{ status: "Success", expression: "value > 10" }],
    };
    const failed = (input: Hex) =>
      frame({ from: alice, to: quill.toLowerCase() as Hex, value: 11n, input, error: "execution reverted" });
    const txs = [
      tx({ value: 11n, logs: [lent(bob, 101n)] }),
      tx({ value: 11n, input: repay(1n, false) }),
      tx({ value: 10n, logs: [lent(bob, 101n)] }),
      tx({ value: 11n, logs: [lent(bob, 100n)] }),
      tx({ value: 11n, trace: failed(repay(1n, false)) }),
    ];
    expect(matchesOf(conditions, txs)).toEqual([0, 1]);
  });

  test("INT-01: transactions alone, of several conditions one; and none at all: whatever touches the address", () => {
    const txs = [
      tx({ value: 5n }),
      tx({ from: bob }),
      tx({ to: other }),
      tx({ to: other, value: 5n, logs: [lent(bob, 1n)] }),
    ];
    const conditions = {
      transactions: [
        { status: "Any", expression: `from == ${bob}` },
        { status: "Any", expression: "value == 5" },
      ],
    };
    expect(matchesOf(conditions, txs)).toEqual([0, 1, 3]);
    expect(matchesOf({}, txs)).toEqual([0, 1, 3]);
  });

  test("INT-01: addresses with an ABI of their own get a rule of their own", () => {
    const addresses = [
      { address: quill, contract_spec: spec },
      { address: other, contract_spec: [{ type: "event", name: "Lent", inputs: [{ name: "n", type: "uint8" }] }] },
    ];
    const conditions = { events: [{ signature: event }, { signature: "Lent(uint8)", expression: "n == 3" }] };
    const small = AbiEvent.getSelector(AbiEvent.from("event Lent(uint8 n)"));
    const log = (n: bigint) => ({ address: other, topics: [small], data: `0x${toWord(n)}` as Hex });
    const txs = [lend({}), tx({ to: other, logs: [log(3n)] }), tx({ to: other, logs: [log(4n)] })];
    expect(matchesOf(conditions, txs, { addresses })).toEqual([0, 1]);
  });
});

test("INT-01: what has no counterpart is listed, and nothing is dropped unseen", () => {
  put("config/networks/quill.json", { ...network, confirmation_blocks: 3, cron_schedule: "0 */1 * * * *", novelty: 1 });
  put("config/networks/star.json", {
    network_type: "Stellar",
    slug: "star",
    name: "Star",
    rpc_urls: [],
    network_passphrase: "p",
  });
  put(
    "config/monitors/quill.json",
    monitor(
      {
        events: [
          { signature: "Lent(address,uint256,string,uint256[])", expression: "legs == '[1,2]'" },
          { signature: "Lent(address,uint256,string,uint256[])", expression: "amount > 1" },
          { signature: "Missing(uint256)" },
        ],
        transactions: [{ status: "Any", expression: "gas_used > 1" }, { status: "Success" }],
      },
      {
        networks: ["quill_chain", "elsewhere"],
        trigger_conditions: [{ script_path: "./filters/only.sh", language: "bash", arguments: "", timeout_ms: 1_000 }],
        triggers: ["hook", "slack", "script", "gone"],
      },
    ),
  );
  put("config/monitors/asleep.json", { ...monitor({}), name: "Asleep", paused: true });
  put("config/monitors/gas.json", { ...monitor({ transactions: [{ expression: "gas_price > 1" }] }), name: "Gas" });
  put("config/triggers/all.json", {
    hook: {
      name: "Hook",
      trigger_type: "webhook",
      config: {
        url: { type: "plain", value: "https://alerts.example/hook" },
        secret: { type: "plain", value: "s3cret" },
        headers: { a: "b" },
        message: { title: "t", body: "b" },
      },
    },
    slack: {
      name: "Slack",
      trigger_type: "slack",
      config: { slack_url: { type: "HashicorpCloudVault", value: "slack-url" }, message: { title: "t", body: "b" } },
    },
    script: { name: "Script", trigger_type: "script", config: { script_path: "x.sh" } },
  });
  put("config/filters/only.sh", "exit 0");
  const { networks, unmapped } = importOzMonitor(folder, "low");
  expect(networks).toMatchObject([{ slug: "quill_chain", rules: 1 }]);
  expect(unmapped.map(({ file, part, what }) => `${file} ${part}: ${what}`)).toMatchInlineSnapshot(`
    [
      "monitors/asleep.json paused: Monitor "Asleep" is paused and left out.",
      "monitors/gas.json match_conditions.transactions[0]: Expression "gas_price > 1" has no counterpart: "gas_price" is not known here. The condition is left out.",
      "monitors/gas.json match_conditions: Monitor "Gas" has no condition left and is left out.",
      "monitors/quill.json trigger_conditions[0]: Script "./filters/only.sh" is not run: its monitor tells what the script would have held back.",
      "monitors/quill.json match_conditions.transactions[0]: Expression "gas_used > 1" has no counterpart: "gas_used" is not known here. The condition is left out.",
      "monitors/quill.json match_conditions.events[0]: Expression "legs == '[1,2]'" has no counterpart: == and != do not apply to a list. The condition is left out.",
      "monitors/quill.json match_conditions.events[2]: "Missing(uint256)" is not in the contract's ABI, without which it would not match either.",
      "triggers/all.json hook.config.message: The message is not taken over: alerts say what was found in our own words.",
      "triggers/all.json hook.config.headers: Webhooks are POST with our own headers and body.",
      "triggers/all.json hook.config.secret: Signed as Standard Webhooks say: set HOOK_SECRET to a secret of the form whsec_…, and let the receiver check it.",
      "triggers/all.json hook.config.url: The URL stood in the file and is not written again, for it may hold a key: put it into the environment as HOOK_URL.",
      "triggers/all.json slack.config.message: The message is not taken over: alerts say what was found in our own words.",
      "triggers/all.json slack: A Slack webhook cannot answer in threads: make a bot, and give its token and the room's id.",
      "triggers/all.json slack: Its channel stands in the configuration as a comment: complete it and switch it on.",
      "triggers/all.json script: A trigger of type "script" has no counterpart: scripts are not run.",
      "monitors/quill.json triggers: Trigger "gone" is in no file.",
      "networks/star.json network_type: Stellar is no EVM network: "star" and its monitors are left out.",
      "monitors/quill.json networks: Network "elsewhere" is in no file.",
      "networks/quill.json confirmation_blocks: Alerts are told at once, and taken back when their block is orphaned.",
      "networks/quill.json cron_schedule: Blocks are judged as they come.",
      "networks/quill.json novelty: Not known here, and not taken over.",
      "filters/only.sh file: Scripts are not run: what they filter is told too, and what they send is not sent.",
    ]
  `);
  const text = networks[0]!.files[0]!.text;
  expect(text).not.toContain("s3cret");
  expect(text).toMatchInlineSnapshot(`
    "// Imported from OpenZeppelin Monitor. What its monitors found, the rules in testudo.rules.yaml find.
    // The detectors that need no configuration run beside them.
    import { defineConfig, env } from "testudo";

    export default defineConfig({
      rpc: ["http://127.0.0.1:8545", env("QUILL_RPC")],
      chainId: 31337,
      protect: ["0x00000000000000000000000000000000000ba17a"],
      rules: "testudo.rules.yaml",
      channels: [
        { type: "terminal" },
        { type: "webhook", name: "hook", url: env("HOOK_URL"), secrets: [env("HOOK_SECRET")] },
        // { type: "slack", token: { env: "SLACK_TOKEN" }, room: "C…" },
        // A trigger of type "script" has no counterpart.
      ],
    });
    "
  `);
  expect(networks[0]!.files[1]!.text).toMatchInlineSnapshot(`
    "defaults:
      severity: low
      runbook: RUNBOOK.md#it-paged
    rules:
      - id: oz-quill-lending
        owner: oz-quill-lending
        reason: OpenZeppelin Monitor "Quill Lending" matched.
        address:
          - "0x00000000000000000000000000000000000ba17a"
        event: event Lent(address indexed borrower, uint256 amount, string memo, uint256[] legs)
        where: amount > 1
        tx:
          status: success
    "
  `);
});

test("INT-01: the command writes a configuration that loads, and does not write over one", async () => {
  put("networks/quill.json", network);
  put(
    "monitors/quill.json",
    monitor({ events: [{ signature: "Lent(address,uint256,string,uint256[])", expression: "amount > 1" }] }),
  );
  const place = openPlace();
  const first = await place.run("import", "oz-monitor", folder, "--severity", "high");
  expect(first).toMatchObject({ code: 0, err: "" });
  expect(first.out).toContain(
    "Wrote imported/quill_chain: 1 rule\nEverything has a counterpart.\nNext: testudo watch --config imported/quill_chain/testudo.config.ts",
  );
  process.env.QUILL_RPC = "http://127.0.0.1:8546";
  const settings = await loadConfig(join(place.folder, "imported/quill_chain/testudo.config.ts"));
  delete process.env.QUILL_RPC;
  expect(settings).toMatchObject({
    chainId: 31_337,
    rpc: ["http://127.0.0.1:8545", "http://127.0.0.1:8546"],
    protect: [{ address: quill.toLowerCase() }],
  });
  expect(settings.ruleDetectors.map(({ meta }) => [meta.id, meta.owner])).toEqual([
    ["oz-quill-lending", "oz-quill-lending"],
  ]);
  const again = await place.run("import", "oz-monitor", folder);
  expect(again).toMatchObject({ code: 2, err: expect.stringContaining("is there already.") });
  rmSync(join(folder, "monitors/quill.json"));
  const nothing = await place.run("import", "oz-monitor", folder, "--out", "other");
  expect(nothing).toMatchObject({ code: 1, err: "", out: expect.stringContaining("Nothing to write") });
  place.remove();
});

test("INT-01: Discord, Telegram and mail become channels that are on, and their secrets stay outside the file", async () => {
  put("networks/quill.json", { ...network, rpc_urls: [{ url: { type: "plain", value: "http://127.0.0.1:8545" } }] });
  const trigger = (trigger_type: string, config: object) => ({ name: trigger_type, trigger_type, config });
  put("triggers/all.json", {
    chat: trigger("discord", { discord_url: { type: "plain", value: "https://discord.com/api/webhooks/1/s3cret" } }),
    phone: trigger("telegram", { token: { type: "environment", value: "BOT" }, chat_id: "-100123" }),
    mail: trigger("email", {
      host: "smtp.example",
      sender: "a@example.org",
      recipients: ["b@example.org"],
      username: { type: "plain", value: "alerts" },
      password: { type: "plain", value: "s3cret" },
    }),
    broken: trigger("email", {
      host: "smtp.example",
      sender: "nobody",
      recipients: { "\n}]); process.exit(7) //": 1 },
    }),
  });
  const triggers = ["chat", "phone", "mail", "broken"];
  put("monitors/quill.json", {
    ...monitor({ events: [{ signature: "Lent(address,uint256,string,uint256[])" }] }),
    triggers,
  });
  const [imported] = importOzMonitor(folder, "low").networks;
  const path = join(folder, "testudo.config.ts");
  const text = imported!.files[0]!.text;
  writeFileSync(path, text);
  writeFileSync(join(folder, "testudo.rules.yaml"), imported!.files[1]!.text);
  expect(text).not.toContain("s3cret");
  const { channels } = await loadConfig(path);
  expect(channels).toMatchObject([
    { type: "terminal" },
    { type: "discord", name: "chat", webhookUrl: { env: "CHAT_DISCORD_URL" } },
    { type: "telegram", name: "phone", token: { env: "BOT" }, chat: "-100123" },
    {
      type: "smtp",
      name: "mail",
      host: "smtp.example",
      port: 465,
      tls: "implicit",
      user: "alerts",
      password: { env: "MAIL_PASSWORD" },
      from: "a@example.org",
      to: ["b@example.org"],
    },
  ]);
});

test("INT-01: a channel gets what the monitors find that name its trigger, as there, and our own detectors' findings", async () => {
  put("networks/quill.json", { ...network, rpc_urls: [{ url: { type: "plain", value: "http://127.0.0.1:8545" } }] });
  const discord = (key: string) => ({
    name: key,
    trigger_type: "discord",
    config: { discord_url: { type: "plain", value: `https://discord.com/api/webhooks/1/${key}` } },
  });
  put("triggers/all.json", {
    ops: discord("ops"),
    public: discord("public"),
    all: discord("all"),
    room: { name: "room", trigger_type: "slack", config: {} },
  });
  const named = (name: string, triggers: readonly string[]) =>
    monitor({ events: [{ signature: "Lent(address,uint256,string,uint256[])" }] }, { name, triggers });
  put("monitors/a.json", named("Private", ["ops", "all", "room"]));
  put("monitors/b.json", named("Public", ["public", "all"]));
  const [imported] = importOzMonitor(folder, "low").networks;
  for (const { name, text } of imported!.files) writeFileSync(join(folder, name), text);
  expect(imported!.files[0]!.text).toContain(
    '// { type: "slack", token: { env: "SLACK_TOKEN" }, room: "C…", owners: ["oz-private", "operator", "protocol", "risk"] },',
  );
  const { channels, ruleDetectors } = await loadConfig(join(folder, "testudo.config.ts"));
  const told = (name: string) => {
    const { owners } = channels.find((channel) => channel.name === name)!;
    const from = [...ruleDetectors, ...zeroConfigDetectors()].map(({ meta }) => meta);
    return from.filter(({ owner }) => owners === undefined || owners.includes(owner)).map(({ id }) => id);
  };
  const own = zeroConfigDetectors().map(({ meta }) => meta.id);
  expect(told("ops")).toEqual(["oz-private", ...own]);
  expect(told("public")).toEqual(["oz-public", ...own]);
  expect(told("all")).toEqual(["oz-private", "oz-public", ...own]);
});

test.each([
  ["no folder of monitors", () => undefined, "has no folder `monitors`"],
  ["a file that is no JSON", () => put("monitors/a.json", "{"), "monitors/a.json is no JSON"],
  [
    "a monitor without a name",
    () => put("monitors/a.json", { networks: [] }),
    "monitors/a.json is not of OpenZeppelin Monitor's form: name",
  ],
])("error: %s", (_, prepare, message) => {
  prepare();
  expect(() => importOzMonitor(folder, "low")).toThrow(OzFolderUnread);
  expect(() => importOzMonitor(folder, "low")).toThrow(message);
});

test("error: a name in a file does not become code of the configuration", () => {
  const evil = 'X"); process.exit(7); //\n`';
  put("networks/quill.json", { ...network, slug: evil, rpc_urls: [{ url: { type: "environment", value: evil } }] });
  const triggers = ["discord", "email", "script", "webhook"].map((kind) => [
    `${kind} ${evil}`,
    {
      name: evil,
      trigger_type: kind,
      config: {
        discord_url: { type: "environment", value: evil },
        host: evil,
        sender: evil,
        url: { type: "plain", value: evil },
      },
    },
  ]);
  put("triggers/all.json", Object.fromEntries(triggers));
  put("monitors/quill.json", { ...monitor({}), name: evil, networks: [evil], triggers: triggers.map(([id]) => id) });
  const [imported] = importOzMonitor(folder, "low").networks;
  const path = join(folder, "testudo.config.ts");
  const text = imported!.files[0]!.text;
  writeFileSync(path, text);
  const { errors, program } = parseSync(path, text);
  expect(errors).toEqual([]);
  // An import and one exported call: nothing else.
  expect(program.body.map(({ type }) => type)).toEqual(["ImportDeclaration", "ExportDefaultDeclaration"]);
  expect(imported!.slug).toMatch(/^[\w.-]+$/);
});

test.each([
  ["an argument that is none", [7]],
  ["an argument without a type", [{ name: "amount" }]],
  ["a type that is a number", [{ name: "amount", type: 7 }]],
  ["no list of arguments", null],
  ["parts of a tuple that are no list", [{ name: "legs", type: "tuple", components: "uint256" }]],
])("error: an ABI with %s is refused with its file and its place", (_, inputs) => {
  put("monitors/quill.json", {
    ...monitor({ events: [{ signature: "Lent(uint256)" }] }),
    addresses: [{ address: quill, contract_spec: [{ type: "event", name: "Lent", inputs }] }],
  });
  expect(() => importOzMonitor(folder, "low")).toThrow(OzFolderUnread);
  expect(() => importOzMonitor(folder, "low")).toThrow(/monitors.quill\.json .*addresses\.0\.contract_spec\.0/);
});

test("error: an ABI that nests too deep is refused with its file", () => {
  const deep = `${'{"type":"tuple","components":['.repeat(20_000)}${"]}".repeat(20_000)}`;
  const text = JSON.stringify({
    ...monitor({}),
    addresses: [{ address: quill, contract_spec: [{ type: "event", name: "Lent", inputs: ["DEEP"] }] }],
  });
  put("monitors/quill.json", text.replace('"DEEP"', deep));
  expect(() => importOzMonitor(folder, "low")).toThrow(/monitors.quill\.json nests too deep/);
});

test("INT-01: names that every object has are names like others", () => {
  put("networks/quill.json", { ...network, constructor: 1, toString: 2 });
  const transactions = [{ status: "constructor" }, { status: "__proto__", expression: "value > 1" }];
  put(
    "monitors/quill.json",
    monitor({
      transactions,
      events: [{ signature: "Lent(address,uint256,string,uint256[])", expression: "constructor > 1" }],
    }),
  );
  const { unmapped } = importOzMonitor(folder, "low");
  const told = unmapped.map(({ part, what }) => `${part}: ${what}`).join("\n");
  expect(told).toContain("constructor: Not known here, and not taken over.");
  expect(told).toContain('match_conditions.transactions[0]: Status "constructor" is not known.');
  expect(told).not.toContain("native code");
});

test("INT-01: a file behind a link is read once, and what is no file is listed", () => {
  put("networks/quill.json", network);
  // As Kubernetes mounts a ConfigMap.
  put("monitors/..2026/quill.json", monitor({}));
  symlinkSync("..2026", join(folder, "monitors/..data"));
  symlinkSync("..data/quill.json", join(folder, "monitors/quill.json"));
  put("elsewhere/second.json", { ...monitor({}), name: "Second" });
  symlinkSync("../elsewhere/second.json", join(folder, "monitors/second.json"));
  symlinkSync("nowhere.json", join(folder, "monitors/lost.json"));
  symlinkSync("/dev/zero", join(folder, "monitors/endless.json"));
  symlinkSync("../elsewhere", join(folder, "monitors/more"));
  const { networks, unmapped } = importOzMonitor(folder, "low");
  expect(networks.map(({ rules }) => rules)).toEqual([2]);
  const unread = unmapped.filter(({ what }) => what === "Is no plain file, and is not read.");
  expect(unread.map(({ file }) => file)).toEqual(["monitors/endless.json", "monitors/lost.json", "monitors/more"]);
});
