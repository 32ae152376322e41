// A list of transactions judged from a node: anvil behind a door that counts what it is asked, refuses some, and can be held shut.
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { compile } from "@testudo/contracts/compile";
import { type Abi, createTestClient, type Hex, http, publicActions, walletActions } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openPlace, type Place } from "./place.testkit.ts";
import { openWatches } from "./watchProcess.testkit.ts";

const unknown: Hex = `0x${"0f".repeat(32)}`;

let anvil: Anvil;
let server: Server;
let place: Place;
let door = "";
const attacks: Hex[] = [];
const plain: Hex[] = [];
let untraced: Hex;
/** Hashes that were asked to be traced, as often as they were. */
let traced: Hex[] = [];
let heldFrom = Number.POSITIVE_INFINITY;
/** How many of the next traces are answered as by a node that has too much to do. */
let busy = 0;
/** Whether trees come without their logs, as some nodes give them. */
let isBare = false;

beforeAll(async () => {
  anvil = await startAnvil({ timestamp: 1_750_000_000 });
  const client = createTestClient({ mode: "anvil", transport: http(anvil.url) })
    .extend(publicActions)
    .extend(walletActions);
  const contracts = compile([fileURLToPath(new URL("../../src/cli/Router.testkit.sol", import.meta.url))]);
  const [victim, thief] = await client.getAddresses();
  const settle = (hash: Hex) => client.waitForTransactionReceipt({ hash, pollingInterval: 20 });
  const deploy = async (name: string) => {
    const { abi, bytecode } = contracts[name]! as { abi: Abi; bytecode: Hex };
    return (await settle(await client.deployContract({ account: victim!, chain: null, abi, bytecode })))
      .contractAddress!;
  };
  const call = async (account: Hex, address: Hex, name: string, functionName: string, ...args: unknown[]) => {
    const { abi } = contracts[name]! as { abi: Abi };
    const hash = await client.writeContract({ account, chain: null, address, abi, functionName, args });
    return (await settle(hash)).transactionHash;
  };
  const [coin, router] = [await deploy("Coin"), await deploy("Router")];
  await call(victim!, coin, "Coin", "mint", victim!, 10n ** 21n);
  await call(victim!, coin, "Coin", "approve", router, 10n ** 21n);
  for (const amount of [3n, 2n, 1n])
    attacks.push(
      await call(thief!, await deploy("Thief"), "Thief", "take", router, coin, victim!, amount * 10n ** 20n),
    );
  const pay = async (to: Hex) =>
    (await settle(await client.sendTransaction({ account: victim!, chain: null, to, value: 5n }))).transactionHash;
  for (const n of [1, 2, 3]) plain.push(await pay(`0x${"e1".repeat(19)}0${n}`));
  untraced = await pay(thief!);
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: [Hex] };
    if (method === "debug_traceTransaction") {
      traced.push(params[0]);
      if (traced.length > heldFrom) return;
      if (busy > 0) {
        // Some say it as HTTP has it, some in an answer.
        busy -= 1;
        const error = { code: -32_005, message: "rate limit exceeded" };
        response.statusCode = busy % 2 === 0 ? 200 : 429;
        response.end(JSON.stringify({ jsonrpc: "2.0", id, error }));
        return;
      }
      if (params[0] === untraced) {
        const error = { code: -32_000, message: "missing trie node | 12ab (path ) \u001b[2J" };
        response.end(JSON.stringify({ jsonrpc: "2.0", id, error }));
        return;
      }
    }
    const answer = await fetch(anvil.url, { method: "POST", headers: { "content-type": "application/json" }, body });
    const text = await answer.text();
    response.end(isBare && method === "debug_traceTransaction" ? text.replaceAll('"logs":', '"left":') : text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  door = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await anvil?.stop();
});
beforeEach(() => {
  place = openPlace();
  traced = [];
  heldFrom = Number.POSITIVE_INFINITY;
});
afterEach(() => place.remove());

const put = (name: string, text: string) => writeFileSync(join(place.folder, name), text);
const bench = (...more: readonly string[]) =>
  place.run("bench", "defiattackbench", "--rpc", door, "--list", "list.csv", ...more);
/** Three attacks, one of them twice, three plain payments, one that nobody knows, one that the node does not trace. */
const list = () =>
  put(
    "list.csv",
    [
      "name,tx,label",
      ...attacks.map((tx, i) => `"thief, ${i}",${tx},attack`),
      `again,${attacks[0]!.toUpperCase().replace("0X", "0x")},1`,
      ...plain.map((tx) => `,${tx},0`),
      `,${unknown},attack`,
      `,${untraced},benign`,
    ].join("\n"),
  );

interface Result {
  readonly transactions: number;
  readonly judged: number;
  readonly complete: boolean;
  readonly duplicates: number;
  readonly notJudged: readonly { readonly tx: Hex; readonly reason: string; readonly note: string }[];
  readonly evaluation: readonly {
    readonly name: string;
    readonly matrix: object;
    readonly recall: object;
    readonly recallAll: object;
    readonly predictive: readonly { readonly baseRate: number }[];
  }[];
  readonly comparison?: object;
}
const resultOf = (out: string) => JSON.parse(out) as Result;
const unionOf = ({ evaluation }: Result) => evaluation.find(({ name }) => name === "union")!;

test("LIST-01, EVAL-01, EVAL-03: a list is fetched once each, merged by hash, and told as a matrix with what could not be judged", async () => {
  list();
  const { code, out, err } = await bench("--json", "--out", "out");
  const result = resultOf(out);
  expect({ code, err: err.includes("error") }).toEqual({ code: 0, err: false });
  expect(result).toMatchObject({ transactions: 8, judged: 6, complete: true, duplicates: 1 });
  expect(traced.sort()).toEqual([...attacks, ...plain, untraced].sort());
  expect(result.notJudged).toMatchObject([
    { tx: unknown, truth: "attack", reason: "unknown-transaction" },
    { tx: untraced, truth: "benign", reason: "not-traced", note: expect.stringContaining("missing trie node") },
  ]);
  const union = unionOf(result);
  expect(union.matrix).toEqual({ tp: 3, fn: 0, fp: 0, tn: 3, na: { attack: 1, benign: 1 } });
  expect(union.recall).toMatchObject({ value: 1, low: expect.closeTo(0.292, 3), high: 1 });
  expect(union.recallAll).toMatchObject({ value: 0.75 });
  expect(union.predictive.map(({ baseRate }) => baseRate)).toEqual([1e-3, 1e-5, 1e-6]);

  const page = readFileSync(join(place.folder, "out", "report.md"), "utf8");
  expect(page).toContain("| **union** | 3 | 0 | 0 | 3 | 1 | 1 |");
  expect(page).toMatch(/\| 0x[0-9a-f]{64} \| benign \| not-traced \| missing trie node \\\| 12ab \(path \) ·\[2J \|/);
  const kept = readFileSync(join(place.folder, "out", "verdicts.jsonl"), "utf8")
    .trim()
    .split("\n");
  expect(kept).toHaveLength(7);
});

test("LIST-02: told to stop it tells the part, and the same command goes on without asking for what was judged", async () => {
  list();
  heldFrom = 3;
  const watches = openWatches();
  try {
    const [file, out] = [join(place.folder, "list.csv"), join(place.folder, "out")];
    const args = ["bench", "defiattackbench", "--rpc", door, "--list", file, "--out", out, "--json"];
    const running = watches.start(args);
    await expect.poll(() => traced.length, { timeout: 120_000 }).toBe(4);
    running.kill("SIGINT");
    expect(await running.ended).toBe(130);
    expect(resultOf(running.out())).toMatchObject({ complete: false, judged: 3 });
    expect(running.err()).toContain("the same command asks for no more than the rest.");
    [heldFrom, traced] = [Number.POSITIVE_INFINITY, []];
    const rest = watches.start(args);
    expect(await rest.ended).toBe(0);
    expect(rest.err()).toContain("3 verdicts were kept before; they are not fetched again.");
    expect(traced.sort()).toEqual([...plain, untraced].sort());
    expect(unionOf(resultOf(rest.out())).matrix).toEqual({ tp: 3, fn: 0, fp: 0, tn: 3, na: { attack: 1, benign: 1 } });
  } finally {
    await watches.close();
  }
});

test("EVAL-09: what another system said of the same transactions is compared by McNemar's exact test", async () => {
  list();
  const rows = [...attacks.map((tx) => `${tx},no`), ...plain.map((tx) => `${tx},yes`), `${unknown},yes`];
  put("other.csv", ["hash,detected", ...rows].join("\n"));
  const { code, out } = await bench("--against", "other.csv", "--json");
  expect(code).toBe(0);
  // 6 of 6 right against 0 of 6: 2 · 0.5^6.
  expect(resultOf(out).comparison).toEqual({
    ...{
      cases: 6,
      onlyNow: 6,
      onlyBefore: 0,
      p: expect.closeTo(0.03125, 9),
      verdict: "better",
      lost: [],
      newFalse: [],
      other: "other.csv",
    },
  });
  const told = await bench("--against", "other.csv");
  expect(told.out).toContain("## Against other.csv");
  expect(told.out).toContain("right here only 6, right there only 0; McNemar's exact p = 0.0313.");
});

test("LIST-01: what is listed as attack and as benign counts as an attack, and is told", async () => {
  put("list.csv", `${plain[0]},0\n${plain[0]},1\n`);
  const { out, err } = await bench("--json");
  expect(err).toContain("1 transaction is listed as attack and as benign; it counts as an attack.");
  expect(unionOf(resultOf(out)).matrix).toMatchObject({ fn: 1, tn: 0 });
  expect(traced).toHaveLength(1);
});

test("LIST-01: where a tree has no logs those of the receipt are taken", async () => {
  put("list.csv", `${attacks[0]},1\n${plain[0]},0\n`);
  isBare = true;
  const { code } = await bench("--out", "out").finally(() => {
    isBare = false;
  });
  expect(code).toBe(0);
  const [, ...kept] = readFileSync(join(place.folder, "out", "verdicts.jsonl"), "utf8")
    .trim()
    .split("\n");
  expect(kept.map((line) => (JSON.parse(line) as { has: string[] }).has)).toEqual([
    ["X", "T", "L"],
    ["X", "T", "L"],
  ]);
});

test("LIST-02: a node that is busy is asked again after a while", async () => {
  put("list.csv", `${attacks[0]},1\n`);
  busy = 2;
  const { out } = await bench("--json");
  expect(unionOf(resultOf(out)).matrix).toMatchObject({ tp: 1, na: { attack: 0 } });
  expect(traced).toHaveLength(3);
});

test("LIST-02: error: verdicts of another chain are not gone on with, and a node that is away ends with 1", async () => {
  list();
  await bench("--out", "out");
  const file = join(place.folder, "out", "verdicts.jsonl");
  writeFileSync(file, readFileSync(file, "utf8").replace('"chainId":31337', '"chainId":1'));
  const other = await bench("--out", "out");
  expect(other).toMatchObject({ code: 2, out: "" });
  expect(other.err).toContain("it is of chain 1, the node is on chain 31337.");
  const away = await place.run(
    "bench",
    "defiattackbench",
    "--rpc",
    "http://127.0.0.1:9",
    "--list",
    "list.csv",
    "--out",
    "away",
  );
  expect(away).toMatchObject({ code: 1, out: "" });
  expect(away.err).toContain("cannot be reached");
});

test.each([
  ["no list", ["--rpc", "http://a"], "required option '--list <file>'"],
  ["no node", ["--list", "list.csv"], "required option '--rpc <url>'"],
  ["a node that is no URL", ["--rpc", "nowhere", "--list", "list.csv"], '--rpc "nowhere" is no URL.'],
  ["no such list", ["--rpc", "http://a", "--list", "none"], '--list "none" cannot be read'],
  [
    "a line that is no hash",
    ["--rpc", "http://a", "--list", "bad.csv"],
    '--list "bad.csv", line 3: "0x12" is no transaction hash.',
  ],
  [
    "another system's line",
    ["--rpc", "http://a", "--list", "list.csv", "--against", "bad.csv"],
    '--against "bad.csv", line 2: "attack?" is no verdict.',
  ],
])("LIST-01: error: %s ends with 2", async (_, args, text) => {
  list();
  put("bad.csv", `# mine\n${unknown},${text.includes("verdict") ? "attack?" : "attack"}\n0x12,attack\n`);
  const { code, out, err } = await place.run("bench", "defiattackbench", ...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(text);
});
