import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { channelOf, slackSecretsOf } from "../cli/flags/channelOf.ts";
import { loadConfig } from "./loadConfig.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-channels-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const vault = "0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB";
function load(...lines: readonly string[]) {
  const path = join(folder, "testudo.config.ts");
  const head = ['import { defineConfig } from "testudo";', "export default defineConfig({"];
  writeFileSync(path, [...head, `  rpc: ["https://a"], protect: ["${vault}"],`, ...lines, "});"].join("\n"));
  return loadConfig(path);
}
const failure = async (...lines: readonly string[]) =>
  String(
    await load(...lines).then(
      () => "accepted",
      (error: Error) => error.message,
    ),
  ).replaceAll(`${folder}/`, "");

test("behavior: every kind of channel, with its secrets by name or file, becomes one that can be used", async () => {
  const file = join(folder, "key");
  writeFileSync(file, "the-key\nmore\n", { mode: 0o600 });
  process.env.TESTUDO_TEST_TOKEN = "https://discord.com/api/webhooks/1/abc";
  const { channels, escalations } = await load(
    "  channels: [",
    '    { type: "slack", token: { env: "TESTUDO_TEST_TOKEN" }, room: "C012AB3CD", signingSecret: { file: "key" } },',
    '    { type: "discord", webhookUrl: { env: "TESTUDO_TEST_TOKEN" }, forum: true, minSeverity: "high" },',
    '    { type: "telegram", token: { file: "key" }, chat: -1001234 },',
    '    { type: "pagerduty", name: "pager", routingKey: { file: "key" }, minSeverity: "critical", foldAfter: 0 },',
    `    { type: "opsgenie", apiKey: { file: "key" }, subjects: ["${vault}"], owners: ["ann"] },`,
    '    { type: "smtp", host: "mail.example", user: "u", password: { file: "key" }, from: "T <t@a.example>", to: ["o@a.example"],',
    '      hours: { from: "18:00", to: "08:00", days: ["mon"], timeZone: "Europe/Berlin" } },',
    '    { type: "script", command: ["./tell.sh", "-x"], env: ["A"], timeoutSeconds: 5 },',
    '    { type: "github", token: { file: "key" }, repository: "acme/alerts" },',
    '    { type: "webhook", url: "https://a/b", secrets: [{ file: "key" }], format: "oz-monitor" },',
    "  ],",
    '  escalations: [{ afterMinutes: 15, to: ["pager"] }],',
  );
  expect(channels.map(({ name }) => name)).toEqual([
    ...["slack-1", "discord-2", "telegram-3", "pager", "opsgenie-5", "smtp-6", "script-7", "github-8", "webhook-9"],
  ]);
  const made = channels.map(channelOf);
  expect(made.map(({ name, minSeverity, rules }) => [name, minSeverity, rules?.foldAfter])).toMatchInlineSnapshot(`
    [
      [
        "slack-1",
        "info",
        10,
      ],
      [
        "discord-2",
        "high",
        10,
      ],
      [
        "telegram-3",
        "info",
        10,
      ],
      [
        "pager",
        "critical",
        0,
      ],
      [
        "opsgenie-5",
        "info",
        10,
      ],
      [
        "smtp-6",
        "info",
        10,
      ],
      [
        "script-7",
        "info",
        0,
      ],
      [
        "github-8",
        "info",
        10,
      ],
      [
        "webhook-9",
        "info",
        0,
      ],
    ]
  `);
  expect(channels[6]).toMatchObject({ command: [join(folder, "tell.sh"), "-x"] });
  expect(made[4]?.rules).toMatchObject({ subjects: [vault.toLowerCase()], owners: ["ann"] });
  expect(slackSecretsOf(channels)).toEqual(["the-key"]);
  expect(escalations).toEqual([{ afterMinutes: 15, minSeverity: "critical", to: ["pager"] }]);
  delete process.env.TESTUDO_TEST_TOKEN;
});

test("error: a secret in the configuration's text is refused and not shown", async () => {
  const text = await failure('  channels: [{ type: "slack", token: "xoxb-12-hunter2", room: "C012AB3CD" }],');
  expect(text).toMatchInlineSnapshot(`
    "testudo.config.ts:4:31 \`channels[0].token\` is not shown.
    - Allowed: { env: "NAME" } or { file: "path" }.
    - A secret does not stand in the configuration: put it into the environment, or into a file of mode 0600."
  `);
  expect(text).not.toContain("hunter2");
});

test.each([
  ["http of another machine", '{ type: "pagerduty", routingKey: { env: "A" }, baseUrl: "http://a.example" }'],
  ["a login in a URL", '{ type: "pagerduty", routingKey: { env: "A" }, baseUrl: "https://u:p@a.example" }'],
  ["a webhook in the clear", '{ type: "webhook", url: "http://10.0.0.1/", secrets: [{ env: "A" }] }'],
  ["a room by its name", '{ type: "slack", token: { env: "A" }, room: "#alerts" }'],
  [
    "a time zone that is none",
    '{ type: "terminal", hours: { from: "08:00", to: "18:00", timeZone: "Berlin/Europe" } }',
  ],
  ["mail in the clear", '{ type: "smtp", host: "a.example", tls: "none", from: "a@b.c", to: ["a@b.c"] }'],
  ["a login without password", '{ type: "smtp", host: "a.example", user: "u", from: "a@b.c", to: ["a@b.c"] }'],
  ["a header in an address", '{ type: "smtp", host: "a.example", from: "a@b.c", to: ["a@b.c\\r\\nBcc: x@y.z"] }'],
  ["a header in a host", '{ type: "smtp", host: "a.example\\r\\nEHLO x", from: "a@b.c", to: ["a@b.c"] }'],
  ["a URL for a host", '{ type: "smtp", host: "smtps://a.example:465", from: "a@b.c", to: ["a@b.c"] }'],
  ["an unknown kind", '{ type: "pigeon" }'],
])("error: %s is refused with what is allowed", async (_, channel) => {
  expect(await failure(`  channels: [${channel}],`)).toContain("- Allowed");
});

test.each(["mail.example", "smtp_relay", "127.0.0.1", "::1", "2001:db8::25"])(
  "behavior: %s may be a mail server",
  async (host) => {
    const mail = `{ type: "smtp", host: "${host}", from: "a@b.c", to: ["a@b.c"] }`;
    expect((await load(`  channels: [${mail}],`)).channels).toHaveLength(1);
  },
);

test("behavior: a service's URL may be http on this machine", async () => {
  const { channels } = await load(
    '  channels: [{ type: "pagerduty", routingKey: { env: "A" }, baseUrl: "http://127.0.0.1:9" }],',
  );
  expect(channels).toHaveLength(1);
});

test("error: an escalation to nobody", async () => {
  expect(await failure('  escalations: [{ afterMinutes: 5, to: ["pager"] }],')).toMatchInlineSnapshot(`
    "testudo.config.ts:4:41 \`escalations[0].to[0]\` is "pager", a string.
    - Allowed: names of channels: terminal-1.
    - Correct the value."
  `);
});

test("error: a secret that is not there, or that others may read, is told by its place", async () => {
  writeFileSync(join(folder, "open"), "x\n", { mode: 0o644 });
  const { channels } = await load(
    "  channels: [",
    '    { type: "pagerduty", routingKey: { env: "TESTUDO_TEST_NONE" } },',
    '    { type: "pagerduty", routingKey: { file: "none" } },',
    '    { type: "pagerduty", routingKey: { file: "open" } },',
    "  ],",
  );
  expect(() => channelOf(channels[0]!)).toThrow(
    'There is no routing key of channel "pagerduty-1": environment variable "TESTUDO_TEST_NONE" is not set.',
  );
  expect(() => channelOf(channels[1]!)).toThrow(/file ".*none" is not there/);
  expect(() => channelOf(channels[2]!)).toThrow(/has mode 0644/);
});
