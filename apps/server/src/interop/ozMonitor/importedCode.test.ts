// What stands in a foreign file is data in the configuration that comes of it, whatever it is.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type Comment, parseSync } from "oxc-parser";
import { afterAll, expect, test } from "vitest";
import { loadConfig } from "../../config/loadConfig.ts";
import { type ImportedNetwork, importOzMonitor } from "./importOzMonitor.ts";

const folder = mkdtempSync(join(tmpdir(), "testudo-oz-code-"));
for (const part of ["networks", "monitors", "triggers"]) mkdirSync(join(folder, part));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Foreign {
  readonly slug: string;
  readonly rpc: readonly object[];
  readonly name: string;
  readonly triggers: readonly object[];
}

function imported({ slug, rpc, name, triggers }: Foreign): ImportedNetwork {
  const put = (file: string, value: object) => writeFileSync(join(folder, file), JSON.stringify(value));
  const listed = triggers.map((trigger, i) => [`t${i}`, trigger]);
  put("networks/a.json", { network_type: "EVM", slug, name, rpc_urls: rpc, chain_id: 1 });
  put("triggers/a.json", Object.fromEntries(listed));
  put("monitors/a.json", {
    name,
    networks: [slug],
    addresses: [{ address: `0x${"ab".repeat(20)}` }],
    triggers: listed.map(([id]) => id),
  });
  const [network] = importOzMonitor(folder, "low").networks;
  return network!;
}

/** The exported settings as data, and the comments; fails where the text holds anything else. */
function settingsIn(text: string): { readonly settings: Plain; readonly comments: readonly Comment[] } {
  const { errors, program, comments } = parseSync("testudo.config.ts", text);
  expect(errors).toEqual([]);
  expect(program.body.map(({ type }) => type)).toEqual(["ImportDeclaration", "ExportDefaultDeclaration"]);
  const exported = (program.body[1] as unknown as { declaration: Node }).declaration;
  return { settings: dataOf(exported), comments };
}

// biome-ignore lint/suspicious/noExplicitAny: a syntax tree, looked at node by node
type Node = any;
type Plain = string | number | readonly Plain[] | { readonly [key: string]: Plain };

function dataOf(node: Node): Plain {
  switch (node.type) {
    case "Literal":
      return node.value;
    case "ArrayExpression":
      return node.elements.map(dataOf);
    case "ObjectExpression":
      return Object.fromEntries(node.properties.map((each: Node) => [each.key.name, dataOf(each.value)]));
    case "CallExpression":
      return { [node.callee.name]: node.arguments.map(dataOf) };
    default:
      throw new TypeError(`A ${node.type} stands in the configuration.`);
  }
}

const ends = [
  "\u2028",
  "\u2029",
  "\n",
  "\r",
  "\0",
  "*/",
  "//",
  "${",
  "`",
  '"',
  "'",
  "\\",
  "]);",
  "__proto__",
  "\ud800",
];
const nasty = fc
  .array(fc.oneof(fc.constantFrom(...ends), fc.string({ unit: "binary", maxLength: 4 })), { maxLength: 6 })
  .map((parts) => parts.join(""));
const kinds = ["webhook", "discord", "telegram", "email", "slack", "script"];
const secret = fc.record({ type: fc.oneof(fc.constantFrom("plain", "environment"), nasty), value: nasty });
const trigger = fc.record({
  name: nasty,
  trigger_type: fc.oneof(fc.constantFrom(...kinds), nasty),
  config: fc.record({
    url: secret,
    discord_url: secret,
    token: secret,
    chat_id: fc.oneof(nasty, fc.dictionary(nasty, nasty, { maxKeys: 2 })),
    host: nasty,
    port: fc.oneof(fc.integer(), nasty),
    sender: fc.oneof(nasty, fc.constant("a@example.org")),
    recipients: fc.oneof(fc.constant(["b@example.org"]), fc.array(nasty, { maxLength: 2 })),
    username: secret,
    password: secret,
  }),
});

const knownComments = [
  / Imported from OpenZeppelin Monitor\. What its monitors found, the rules in testudo\.rules\.yaml find\./,
  / The detectors that need no configuration run beside them\./,
  / \{ type: "(discord|slack|smtp|telegram)", [\w ,:{}"…[\]-]+ \},/,
  / A trigger of (type "script"|another type) has no counterpart\./,
];

test("INT-01: whatever strings stand in the files, the configuration is one import and one export of data", () => {
  fc.assert(
    fc.property(
      fc.record({
        slug: nasty,
        name: nasty,
        rpc: fc.array(fc.record({ url: secret }), { maxLength: 3 }),
        triggers: fc.array(trigger, { maxLength: 4 }),
      }),
      (foreign) => {
        const { settings, comments } = settingsIn(imported(foreign).files[0]!.text);
        for (const { type, value } of comments) {
          expect(type).toBe("Line");
          expect(knownComments.some((known) => new RegExp(`^${known.source}$`).test(value))).toBe(true);
        }
        expect(settings).toMatchObject({ defineConfig: [{ chainId: 1, protect: [`0x${"ab".repeat(20)}`] }] });
      },
    ),
    { numRuns: 150, seed: 28 },
  );
});

/** The channels of a configuration for a mail trigger. */
function mailChannels(host: string, username: string): unknown {
  const mail = { sender: "a@example.org", recipients: ["b@example.org"], password: { type: "plain", value: "p" } };
  const config = { ...mail, host, username: { type: "plain", value: username } };
  const triggers = [{ name: "n", trigger_type: "email", config }];
  const { settings } = settingsIn(imported({ slug: "a", name: "n", rpc: [], triggers }).files[0]!.text);
  return (settings as { defineConfig: [{ channels: unknown }] }).defineConfig[0].channels;
}

test("INT-01: a login is the string that stood in the file", () => {
  fc.assert(
    fc.property(
      nasty.filter((username) => username !== ""),
      (username) => {
        const mail = { host: "mail.example", user: username };
        expect(mailChannels("mail.example", username)).toMatchObject([{ type: "terminal" }, mail]);
      },
    ),
    { numRuns: 60, seed: 28 },
  );
});

test("INT-01: what is no mail server's name becomes no channel that is on", () => {
  fc.assert(
    fc.property(
      nasty.filter((host) => !/^[\w.:-]*$/.test(host)),
      (host) => {
        expect(mailChannels(host, "alerts")).toEqual([{ type: "terminal" }]);
      },
    ),
    { numRuns: 60, seed: 28 },
  );
});

test("error: a type of trigger that ends a comment by a line separator runs no code", async () => {
  const witness = join(folder, "ran");
  const code = `globalThis.imported = (await import(\`node:fs\`)).writeFileSync(\`${witness}\`, \`\`)`;
  for (const end of ["\u2028", "\u2029", "\n"]) {
    const { files } = imported({
      slug: "a",
      name: "n",
      rpc: [{ url: "http://127.0.0.1:8545" }],
      triggers: [
        { name: "n", trigger_type: `x${end}...[(${code}, { type: \`terminal\`, name: \`b\` })], //`, config: {} },
      ],
    });
    for (const { name, text } of files) writeFileSync(join(folder, name), text);
    const { channels } = await loadConfig(join(folder, "testudo.config.ts"));
    expect(channels.map(({ name }) => name)).toEqual(["terminal-1"]);
    expect(() => rmSync(witness)).toThrow("ENOENT");
  }
});
