// What a foreign file holds in the clear is not written or printed again, and what it names does not leave its folder.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeImported } from "../../cli/files/writeImported.ts";
import { importOzMonitor } from "./importOzMonitor.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-oz-secrets-"));
  for (const part of ["networks", "monitors", "triggers"]) mkdirSync(join(folder, part));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, value: unknown) =>
  writeFileSync(join(folder, name), typeof value === "string" ? value : JSON.stringify(value));
const network = (slug: string, ...urls: unknown[]) => ({
  network_type: "EVM",
  slug,
  name: slug,
  rpc_urls: urls.map((url) => ({ url })),
  chain_id: 1,
});
const monitor = (networks: readonly string[], triggers: readonly string[] = []) => ({
  name: "All",
  networks,
  addresses: [{ address: `0x${"ab".repeat(20)}` }],
  triggers,
});
const plain = (value: string) => ({ type: "Plain", value });
const hook = (url: unknown) => ({ name: "n", trigger_type: "webhook", config: { url } });

test("INT-01: a URL that may hold a key goes into the environment, and is printed nowhere", () => {
  const urls = [
    "https://node.example/v2/k3yk3y",
    "https://u5er:k3yk3y@127.0.0.1:8545/",
    "http://127.0.0.1:8545/?key=k3yk3y",
    "http://localhost:8545/#k3yk3y",
    "http://127.0.0.1:8545/k3yk3y-k3yk3y-k3yk3y",
    "https://k3yk3y.node.example",
    "http://127.0.0.1:8545/rpc",
    { type: "Plaintext", value: "https://node.example/k3yk3y" },
  ];
  put("networks/a.json", network("main-net", ...urls.map((url) => (typeof url === "string" ? plain(url) : url))));
  put("triggers/a.json", {
    hook: hook(plain("https://hooks.example/services/k3yk3y")),
    bare: hook("https://hooks.example/services/k3yk3y"),
    wrong: hook({ type: "environment", value: "https://hooks.example/k3yk3y" }),
    none: hook(undefined),
    near: hook(plain("http://127.0.0.1:9000/alerts")),
  });
  put("monitors/a.json", monitor(["main-net"], ["hook", "bare", "wrong", "none", "near"]));
  const imported = importOzMonitor(folder, "low");
  expect(JSON.stringify(imported)).not.toContain("k3yk3y");
  const [config] = imported.networks[0]!.files;
  expect(config!.text.split("\n").filter((line) => /rpc:|url:/.test(line))).toEqual([
    `  rpc: [${[1, 2, 3, 4, 5, 6].map((i) => `env("MAIN_NET_RPC_${i}")`).join(", ")}, "http://127.0.0.1:8545/rpc", env("MAIN_NET_RPC_8")],`,
    '    { type: "webhook", name: "hook", url: env("HOOK_URL"), secrets: [env("HOOK_SECRET")] },',
    '    { type: "webhook", name: "bare", url: env("BARE_URL"), secrets: [env("BARE_SECRET")] },',
    '    { type: "webhook", name: "wrong", url: env("WRONG_URL"), secrets: [env("WRONG_SECRET")] },',
    '    { type: "webhook", name: "none", url: env("NONE_URL"), secrets: [env("NONE_SECRET")] },',
    '    { type: "webhook", name: "near", url: "http://127.0.0.1:9000/alerts", secrets: [env("NEAR_SECRET")] },',
  ]);
  // Each variable is told to whoever has to set it.
  const told = imported.unmapped.map(({ what }) => what).join("\n");
  for (const [, variable] of config!.text.matchAll(/env\("(\w+)"\)/g)) expect(told).toContain(variable);
});

test("INT-01: a file that is no JSON is told without what stands in it", () => {
  put("networks/a.json", '{ "rpc_urls": [{ "url": k3yk3y } ] }');
  expect(() => importOzMonitor(folder, "low")).toThrow(/networks\/a\.json is no JSON\.\n/);
  expect(() => importOzMonitor(folder, "low")).not.toThrow(/k3yk3y/);
});

const slugsOf = (...slugs: string[]) => {
  slugs.forEach((slug, i) => {
    put(`networks/${i}.json`, network(slug, plain("http://127.0.0.1:8545")));
  });
  put("monitors/a.json", monitor(slugs));
  return importOzMonitor(folder, "low");
};

test("INT-01: no network's name leads out of the folder, and two that are alike get a folder each", () => {
  const imported = slugsOf("..", ".", "a/b", "a_b", "A.B", "", "../../x", "a_b");
  const slugs = imported.networks.map(({ slug }) => slug);
  expect(slugs).toEqual(["_", "__2", "a_b", "a_b_2", "A.B_3", "network", "__.._x", "a_b_4"]);
  const out = join(folder, "deep", "out");
  writeImported(imported, out);
  expect(readdirSync(out).sort()).toEqual([...slugs].sort());
  expect(readdirSync(join(folder, "deep"))).toEqual(["out"]);
});

test("INT-01: triggers whose names are alike get channels and variables of their own", () => {
  put("networks/a.json", network("a", plain("http://127.0.0.1:8545")));
  const url = "https://hooks.example/";
  put("triggers/a.json", {
    "a b": hook(url),
    a_b: hook(url),
    "A-b": hook(url),
    "": hook(url),
    "terminal-1": hook(url),
  });
  put("monitors/a.json", monitor(["a"], ["a b", "a_b", "A-b", "", "terminal-1"]));
  const { text } = importOzMonitor(folder, "low").networks[0]!.files[0]!;
  expect(
    [...text.matchAll(/name: "([^"]+)", url: env\("(\w+)"\)/g)].map(([, name, variable]) => [name, variable]),
  ).toEqual([
    ["a_b", "A_B_URL"],
    ["a_b_2", "A_B_2_URL"],
    ["A-b_3", "A_B_3_URL"],
    ["channel", "CHANNEL_URL"],
    ["terminal-1_2", "TERMINAL_1_2_URL"],
  ]);
});

test("error: a configuration that cannot be written leaves none behind", () => {
  const imported = slugsOf("one", "two");
  const out = join(folder, "out");
  mkdirSync(out);
  writeFileSync(join(out, "two"), "a file where the folder would be");
  expect(() => writeImported(imported, out)).toThrow(/cannot be written: (EEXIST|ENOTDIR)\./);
  expect(readdirSync(out)).toEqual(["two"]);
  rmSync(out, { recursive: true });
  mkdirSync(join(out, "two"), { recursive: true });
  writeFileSync(join(out, "two", "testudo.rules.yaml"), "mine");
  expect(() => writeImported(imported, out)).toThrow("is there already.");
  expect(existsSync(join(out, "one"))).toBe(false);
});
