import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { planWatch } from "./planWatch.ts";
import { relayAccessOf } from "./relayAccess.ts";

const vault = `0x${"5a".repeat(20)}`;
let folder = "";
let config = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-plan-"));
  config = join(folder, "testudo.config.ts");
  const text = `export default defineConfig({ rpc: ["http://a"], protect: ["${vault}"], dataDir: "elsewhere" });`;
  writeFileSync(config, `import { defineConfig } from "testudo";\n${text}`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("behavior: the configuration says where the data folder is, and --data says it louder, whatever it names", async () => {
  const folderOf = async (data?: string) =>
    (await planWatch({ config, history: "0", ...(data === undefined ? {} : { data }) })).dataDir;
  expect(await folderOf()).toBe(join(folder, "elsewhere"));
  expect(await folderOf(".testudo")).toBe(resolve(".testudo"));
  expect(await folderOf(join(folder, "d"))).toBe(join(folder, "d"));
});

const recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

test("behavior: what is done before the block is what the file says, and all or nothing where a flag says it", async () => {
  const preblockOf = async (preblock: string, pending?: boolean) => {
    const text = `export default defineConfig({ rpc: ["http://a"], protect: ["${vault}"], ${preblock} });`;
    writeFileSync(config, `import { defineConfig } from "testudo";\n${text}`);
    return (await planWatch({ config, history: "0", ...(pending === undefined ? {} : { pending }) })).preblock;
  };
  const all = { followPool: true, probes: true, endpoint: true, recipients: [] };
  expect(await preblockOf("")).toBeUndefined();
  expect(await preblockOf("", true)).toEqual(all);
  expect(await preblockOf("preblock: {}")).toEqual(all);
  expect(await preblockOf("preblock: {}", false)).toBeUndefined();
  const own = `preblock: { pool: false, recipients: ["${recipient}"], hardfork: "cancun" }`;
  const said = { ...all, recipients: [recipient], hardfork: "cancun" };
  expect(await preblockOf(own)).toEqual({ ...said, followPool: false });
  expect(await preblockOf(own, true)).toEqual(said);
  expect(await preblockOf("preblock: { pool: false, probe: false, endpoint: false }")).toBeUndefined();
  const withToken = 'preblock: { relayToken: { env: "TESTUDO_TEST_RELAY" } }';
  process.env.TESTUDO_TEST_RELAY = "5e".repeat(16);
  expect(await preblockOf(withToken)).toEqual({ ...all, relayToken: "5e".repeat(16) });
  process.env.TESTUDO_TEST_RELAY = "short";
  await expect(preblockOf(withToken)).rejects.toThrow("The relay token has 5 characters.");
  delete process.env.TESTUDO_TEST_RELAY;
});

test("FIND-08: each person has a token of his own, long enough, and stands there once", async () => {
  const peopleOf = async (people: string) => {
    const text = `export default defineConfig({ rpc: ["http://a"], protect: ["${vault}"], people: [${people}] });`;
    writeFileSync(config, `import { defineConfig } from "testudo";\n${text}`);
    return (await planWatch({ config, history: "0" })).people;
  };
  const person = (name: string, variable: string) => `{ name: "${name}", token: { env: "${variable}" } }`;
  const [first, second] = ["TESTUDO_TEST_ANA", "TESTUDO_TEST_BO"];
  process.env[first] = "a1".repeat(16);
  process.env[second] = "b2".repeat(16);
  const both = `${person("ana", first)}, ${person("bo", second)}`;
  expect(await peopleOf("")).toEqual([]);
  expect(await peopleOf(both)).toEqual([
    { name: "ana", token: "a1".repeat(16) },
    { name: "bo", token: "b2".repeat(16) },
  ]);
  await expect(peopleOf(`${person("Ana", first)}, ${person("a na", second)}`)).rejects.toThrow(
    "this is people[0] again",
  );
  process.env[second] = "a1".repeat(16);
  await expect(peopleOf(both)).rejects.toThrow('The token of "bo" is that of "ana" too.');
  const relayed = `${both}], preblock: { endpoint: true, relayToken: { env: "${second}" } }, escalations: [`;
  process.env[second] = "b2".repeat(16);
  await expect(peopleOf(relayed)).rejects.toThrow('The token of "bo" is that of the relay too.');
  for (const token of [`${"b2".repeat(16)} `, `${"ü".repeat(32)}`]) {
    process.env[second] = token;
    await expect(peopleOf(both)).rejects.toThrow('The token of "bo" holds a character that no header may.');
  }
  for (const unseen of ["\u200b", "\u3164"])
    await expect(peopleOf(person(unseen, first))).rejects.toThrow("of which some are seen");
  process.env[second] = "short";
  await expect(peopleOf(both)).rejects.toThrow('The token of "bo" has 5 characters.');
  delete process.env[second];
  await expect(peopleOf(both)).rejects.toThrow('There is no token of "bo"');
  delete process.env[first];
});

test("DET-09: history is told where the file or the flag says so, and else not", async () => {
  const isTold = async (setting: string, deliverHistory?: boolean) => {
    const text = `export default defineConfig({ rpc: ["http://a"], protect: ["${vault}"], ${setting} });`;
    writeFileSync(config, `import { defineConfig } from "testudo";\n${text}`);
    return (await planWatch({ config, history: "0", ...(deliverHistory ? { deliverHistory } : {}) })).deliverHistory;
  };
  expect([await isTold(""), await isTold("", true)]).toEqual([false, true]);
  expect([await isTold("deliverHistory: true"), await isTold("deliverHistory: false", true)]).toEqual([true, true]);
});

test("RESP-12: a relay's header has its secret out of the environment, and none that breaks a request", () => {
  const header = { name: "authorization", value: { env: "TESTUDO_TEST_RELAY" } };
  const access = () => relayAccessOf({ url: "https://relay.example", method: "eth_sendRawTransaction", header });
  process.env.TESTUDO_TEST_RELAY = "Bearer s3cret";
  expect(access().header).toEqual({ name: "authorization", value: "Bearer s3cret" });
  process.env.TESTUDO_TEST_RELAY = "s3cret\r\nhost: other";
  expect(access).toThrow(/holds a character that no header may/);
  expect(access).not.toThrow(/s3cret/);
  delete process.env.TESTUDO_TEST_RELAY;
  expect(access).toThrow(/There is no value of the relay's header "authorization"/);
});

test("error: a recipient that is no public key is refused, and a private one is not repeated", async () => {
  const secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
  const failure = async (key: string) => {
    const text = `export default defineConfig({ rpc: ["http://a"], protect: ["${vault}"], preblock: { recipients: ["${key}"] } });`;
    writeFileSync(config, `import { defineConfig } from "testudo";\n${text}`);
    return planWatch({ config, history: "0" }).then(String, String);
  };
  expect(await failure("age1nonsense")).toContain("Allowed: a public key of age, age1…, as `age-keygen` prints it.");
  const told = await failure(secret);
  expect(told).toContain("This is a private key");
  expect(told).not.toContain(secret);
});

test("behavior: one address in several spellings is watched once", async () => {
  const protect = [vault, `${vault},0x${vault.slice(2).toUpperCase()}`];
  expect((await planWatch({ rpc: ["http://a"], protect, history: "0" })).protect).toEqual([vault]);
});

test("STREAM-07: blocks are executed again where all nodes are on this machine, or where file or flag say so", async () => {
  const reexecuteOf = async (rpc: readonly string[], reexecute?: boolean, file?: string) => {
    const flags = { history: "0", ...(reexecute === undefined ? {} : { reexecute }) };
    if (file === undefined) return (await planWatch({ ...flags, rpc, protect: [vault] })).reexecute;
    const nodes = JSON.stringify(rpc);
    const text = `export default defineConfig({ rpc: ${nodes}, protect: ["${vault}"], ${file} });`;
    writeFileSync(config, `import { defineConfig } from "testudo";\n${text}`);
    return (await planWatch({ ...flags, config })).reexecute;
  };
  const [here, there] = ["http://127.0.0.1:8545", "https://node.example"];
  expect(await reexecuteOf([here])).toEqual({});
  expect(await reexecuteOf([here, there])).toBeUndefined();
  expect(await reexecuteOf([there], true)).toEqual({});
  expect(await reexecuteOf([here], false)).toBeUndefined();
  expect(await reexecuteOf([there], undefined, "reexecute: true")).toEqual({});
  expect(await reexecuteOf([there], false, "reexecute: true")).toBeUndefined();
  expect(await reexecuteOf([here], undefined, "reexecute: false")).toBeUndefined();
  for (const ruled of ['hardfork: "cancun"', 'preblock: { hardfork: "cancun" }'])
    expect(await reexecuteOf([here], undefined, ruled)).toEqual({ hardfork: "cancun" });
  const named = await planWatch({ rpc: [here], protect: [vault], history: "0", hardfork: "prague", pending: true });
  expect([named.reexecute, named.preblock?.hardfork]).toEqual([{ hardfork: "prague" }, "prague"]);
});

test("STREAM-15: --heads names sockets, ws or wss and each once, and is told without what may be a key", async () => {
  const planOf = (...heads: string[]) => planWatch({ rpc: ["http://a"], heads, protect: [vault], history: "0" });
  expect((await planOf()).heads).toEqual([]);
  expect((await planOf("ws://a", "wss://b/key")).heads).toEqual(["ws://a", "wss://b/key"]);
  const failure = (...heads: string[]) => planOf(...heads).then(String, String);
  const key = "0123456789abcdef0123";
  expect(await failure(`https://anna:hunter2@b/${key}`)).toContain('--heads "https://b/…" is no URL of a WebSocket.');
  expect(await failure(`wss://anna:hunter2@b c/${key}`)).toContain('--heads "(not a URL)" is no URL of a WebSocket.');
  expect(await failure("wss")).toContain('--heads "wss" is no URL of a WebSocket.');
  expect(await failure("ws://127.0.0.1:1", "ws://localhost:1/")).toContain(
    '--heads "ws://localhost:1" is given twice: it is "ws://127.0.0.1:1".',
  );
});

test("STREAM-15: a configuration names its sockets itself", async () => {
  const text = `export default defineConfig({ rpc: ["http://a"], heads: ["wss://b"], protect: ["${vault}"] });`;
  writeFileSync(config, `import { defineConfig } from "testudo";\n${text}`);
  expect((await planWatch({ config, history: "0" })).heads).toEqual(["wss://b"]);
  await expect(planWatch({ config, heads: ["wss://c"], history: "0" })).rejects.toThrow(
    "--config is given together with --rpc, --heads or --protect.",
  );
});
