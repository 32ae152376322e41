// Record, serve and replay as a person runs them, against anvil.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { refusal, serveChanged } from "@testudo/chain/testkit/faultyNode.testkit";
import type { Hex } from "@testudo/core/model/Hex";
import { parseCapsule } from "@testudo/lab/record/parseCapsule";
import { writeCapsule } from "@testudo/lab/record/writeCapsule";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPlace, type Place } from "./place.testkit.ts";

const bin = fileURLToPath(new URL("../../bin/testudo.js", import.meta.url));
// A store: called with a word keeps it in slot 0 and logs what was there, and the hash of the block before the last.
const store: Hex = `0x${"5a".repeat(20)}`;
const storeCode: Hex = "0x60005460005260024303406020526000356000556001600060406000a100";
const word = (value: bigint | number): Hex => `0x${value.toString(16).padStart(64, "0")}`;

let place: Place;
let anvil: Anvil;
let node: Endpoint;
let hashes: Hex[];

async function send(from: Hex, data: Hex): Promise<Hex> {
  return (await node.request("eth_sendTransaction", [{ from, to: store, data, gas: "0x30d40" }])) as Hex;
}

beforeAll(async () => {
  place = openPlace();
  anvil = await startAnvil({ noMining: true, args: ["--hardfork", "prague", "--order", "fifo"] });
  node = openEndpoint(anvil.url);
  const [from] = (await node.request("eth_accounts")) as Hex[];
  await node.request("anvil_setCode", [store, storeCode]);
  await node.request("anvil_setStorageAt", [store, word(0), word(3)]);
  for (let i = 0; i < 3; i += 1) await node.request("evm_mine");
  hashes = [await send(from!, word(5)), await send(from!, word(6)), await send(from!, word(7))];
  await node.request("evm_mine");
  hashes.push(await send(from!, word(8)));
  await node.request("evm_mine");
});
afterAll(async () => {
  node?.close();
  await anvil?.stop();
  place?.remove();
});

const record = (out: string, ...txs: readonly string[]) =>
  place.run("capsule", "record", "--rpc", anvil.url, "--out", out, "--tx", ...txs);
const capsuleIn = (name: string) => parseCapsule(readFileSync(join(place.folder, name)), name);

describe("LAB-01: a recording", () => {
  test("holds what its transactions met over several blocks, and is the same bytes the second time, in any order", async () => {
    const first = await record("first.capsule", ...hashes);
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toMatch(
      /^Recorded 4 transactions on block 3: \d accounts, 1 slots, \d+ bytes in first.capsule\n$/,
    );
    await record("second.capsule", ...hashes.toReversed(), hashes[0]!);
    expect(readFileSync(join(place.folder, "second.capsule"))).toEqual(
      readFileSync(join(place.folder, "first.capsule")),
    );
    const capsule = capsuleIn("first.capsule");
    expect(capsule.hardfork).toBe("prague");
    expect(capsule.accounts.get(store)).toMatchObject({ code: storeCode, storage: new Map([[word(0), word(3)]]) });
    expect(capsule.transactions!.map((tx) => [tx.hash, tx.blockNumber, tx.expected!.succeeded])).toEqual(
      hashes.map((hash, i) => [hash, i < 3 ? 4n : 5n, true]),
    );
    // What BLOCKHASH answered is not in any tracer's answer.
    expect([...capsule.blockHashes!.keys()].toSorted()).toEqual([2n, 3n]);
    expect(capsule.gaps).toBeUndefined();
  });

  test("replays to the same status, logs and gas without the node", async () => {
    await record("again.capsule", ...hashes);
    const { code, out } = await place.run("replay", "again.capsule", "--json");
    expect(JSON.parse(out)).toEqual({ ok: true, transactions: 4, divergence: null });
    expect(code).toBe(0);
  });

  test("of what a development node sent in a contract's name says so, and replays", async () => {
    await node.request("anvil_setBalance", [store, "0xde0b6b3a7640000"]);
    await node.request("anvil_impersonateAccount", [store]);
    const sent = { from: store, to: `0x${"e1".repeat(20)}`, value: "0x5", gas: "0x5208" };
    const hash = (await node.request("eth_sendTransaction", [sent])) as string;
    await node.request("evm_mine");
    expect(await record("named.capsule", hash)).toMatchObject({ code: 0, err: "" });
    expect(capsuleIn("named.capsule").transactions).toMatchObject([{ from: store, isImpersonated: true }]);
    expect((await place.run("replay", "named.capsule", "--json")).code).toBe(0);
  });

  test("that leaves transactions out says where their work is missing", async () => {
    const { code, err } = await record("holes.capsule", hashes[0]!, hashes[2]!);
    expect(code).toBe(0);
    expect(err).toMatch(`gap: ${hashes[2]} met other values than ${hashes[0]} left: `);
    expect(err).toMatch(`slot ${word(0)} of ${store}`);
    expect(err).toMatch(/1 transactions of block 4 between them are not recorded\./);
    expect(err).toMatch(/It does not replay: /);
    expect((await place.run("replay", "holes.capsule", "--json")).code).toBe(1);
  });

  test("by a node without tracers begins at the block before, by access list and proofs, and says so", async () => {
    const bare = await serveChanged(anvil.url, (call, answer) =>
      call.method === "debug_traceTransaction" ? refusal(call, -32601, "not here") : answer,
    );
    try {
      const from = ["capsule", "record", "--rpc", bare.url, "--out", "bare.capsule", "--tx"] as const;
      const first = await place.run(...from, hashes[0]!);
      expect(first.code).toBe(0);
      expect(first.err).toMatch(
        /gap: The node has no prestateTracer: .* proved from its header, and without the 0 trans/,
      );
      expect(first.err).toMatch(/gap: The node has no callTracer/);
      expect((await place.run("replay", "bare.capsule")).code).toBe(0);
      const third = await place.run(...from, hashes[2]!);
      expect(third.err).toMatch(/without the 2 transactions before it in its block/);
      expect(third.err).toMatch(/gap: It does not replay: /);
    } finally {
      await bare.close();
    }
  });

  test("begins where its first transaction stood, after those before it in the block", async () => {
    await record("third.capsule", hashes[2]!);
    expect(capsuleIn("third.capsule").accounts.get(store)!.storage.get(word(0))).toBe(word(6));
    expect((await place.run("replay", "third.capsule")).code).toBe(0);
  });

  test("error: a transaction that is nowhere, no hash, no node; nothing is written", async () => {
    const nowhere = await record("none.capsule", word(7));
    expect(nowhere.code).toBe(1);
    expect(nowhere.err).toMatch(/has 0x0+7 in no block/);
    const wrong = await record("none.capsule", "0x12");
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.err).toMatch(/--tx "0x12" is no hash/);
    const gone = ["capsule", "record", "--out", "none.capsule", "--tx", hashes[0]!] as const;
    expect((await place.run(...gone, "--rpc", "http://127.0.0.1:9")).code).toBe(1);
    expect((await place.run(...gone, "--rpc", "ftp://x")).code).toBe(2);
    const rules = await place.run(...gone, "--rpc", anvil.url, "--hardfork", "atlantis");
    expect(rules.code).toBe(2);
    expect(rules.err).toMatch(/No engine knows the rules "atlantis"/);
    expect(readdirSync(place.folder).filter((name) => name.startsWith("none"))).toEqual([]);
  });
});

describe("LAB-03: a replay on the command line", () => {
  test("names the first divergence, and ends with 1", async () => {
    await record("true.capsule", ...hashes);
    const capsule = capsuleIn("true.capsule");
    const changed = { ...capsule.accounts.get(store)!, storage: new Map([[word(0), word(4)]]) };
    const accounts = new Map([...capsule.accounts, [store, changed] as const]);
    writeFileSync(join(place.folder, "false.capsule"), writeCapsule({ ...capsule, accounts }));
    const { code, out } = await place.run("replay", "false.capsule", "--json");
    expect(code).toBe(1);
    const { ok, transactions, divergence } = JSON.parse(out);
    expect([ok, transactions, Object.keys(divergence)]).toEqual([
      false,
      1,
      ["tx", "path", "pc", "opcode", "expected", "got"],
    ]);
    expect(divergence).toMatchObject({ tx: hashes[0], path: [], pc: 28, opcode: "LOG1" });
    const told = await place.run("replay", "false.capsule");
    expect(told.out).toMatch(/diverged: transaction 0x\w+, number 1\n {2}place {5}outermost call, pc 28 \(LOG1\)\n/);
  });

  test("runs on anvil and EDR as well, and comes to the same", async () => {
    await record("everywhere.capsule", ...hashes);
    for (const engine of ["anvil", "edr"]) {
      const { code, out } = await place.run("replay", "everywhere.capsule", "--json", "--engine", engine);
      expect([engine, code, JSON.parse(out)]).toEqual([engine, 0, { ok: true, transactions: 4, divergence: null }]);
    }
    expect((await place.run("replay", "everywhere.capsule", "--engine", "geth")).code).toBe(2);
  });

  test("of a capsule that holds state alone takes its transactions from a file", async () => {
    await record("whole.capsule", hashes[0]!);
    const { transactions: _, ...state } = capsuleIn("whole.capsule");
    writeFileSync(join(place.folder, "state.capsule"), writeCapsule(state));
    const none = await place.run("replay", "state.capsule");
    expect(none).toMatchObject({ code: 2 });
    expect(none.err).toMatch(/holds no transactions.*--tx FILE/s);
    writeFileSync(
      join(place.folder, "txs.json"),
      JSON.stringify({ from: `0x${"77".repeat(20)}`, to: store, input: word(1) }),
    );
    expect(await place.run("replay", "state.capsule", "--tx", "txs.json")).toMatchObject({ code: 1 });
    const [known] = (await node.request("eth_accounts")) as Hex[];
    writeFileSync(join(place.folder, "txs.json"), JSON.stringify([{ from: known, to: store, input: word(1) }]));
    expect(await place.run("replay", "state.capsule", "--tx", "txs.json", "--json")).toMatchObject({
      code: 0,
      out: '{"ok":true,"transactions":1,"divergence":null}\n',
    });
  });

  test("takes what a node answers for a transaction, and `forensics` does too", async () => {
    await record("answered.capsule", hashes[0]!);
    const { expected } = capsuleIn("answered.capsule").transactions![0]!;
    const answer = (await node.request("eth_getTransactionByHash", [hashes[0]!])) as object;
    expect(Object.keys(answer)).toEqual(
      expect.arrayContaining(["blockHash", "transactionIndex", "yParity", "chainId"]),
    );
    const told = { status: "0x1", gasUsed: `0x${expected!.gasUsed.toString(16)}`, logs: expected!.logs };
    writeFileSync(join(place.folder, "answer.json"), JSON.stringify({ ...answer, expected: told }));
    for (const command of ["replay", "forensics"]) {
      const ran = await place.run(command, "answered.capsule", "--tx", "answer.json", "--json");
      expect([command, ran.code, ran.err]).toEqual([command, 0, expect.anything()]);
    }
    const { input, ...rest } = answer as { input: string };
    for (const [fields, code] of [
      [{ data: input }, 0],
      [{ data: "0x" }, 1],
    ] as const) {
      writeFileSync(join(place.folder, "answer.json"), JSON.stringify({ ...rest, ...fields, expected: told }));
      expect((await place.run("replay", "answered.capsule", "--tx", "answer.json")).code).toBe(code);
    }
    writeFileSync(join(place.folder, "answer.json"), JSON.stringify({ ...rest, inputs: input }));
    for (const command of ["replay", "forensics"]) {
      const refused = await place.run(command, "answered.capsule", "--tx", "answer.json");
      expect([refused.code, refused.err]).toEqual([
        2,
        expect.stringMatching(/a transaction has no "inputs".\n- .*\n- /),
      ]);
    }
  });

  test.each([
    ["truncated", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2), /is no capsule: it is no JSON/],
    ["of another version", () => gzipSync('{"format":"testudo-capsule/9"}'), /format: /],
    ["of no known chain", () => writeCapsule({ ...unknownChain() }), /is of chain 31337, whose rules are not known/],
  ] as const)("LAB-04: error: a file that is %s", async (_, damage, text) => {
    await record("good.capsule", hashes[0]!);
    writeFileSync(join(place.folder, "bad.capsule"), damage(readFileSync(join(place.folder, "good.capsule"))));
    const { code, err, out } = await place.run("replay", "bad.capsule", "--json");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(text);
  });

  test("LAB-04: error: no file, a folder, or one that is too large", async () => {
    expect((await place.run("replay", "nowhere.capsule")).err).toMatch(/"nowhere.capsule" is not there/);
    expect((await place.run("replay", ".")).err).toMatch(/"\." is no regular file/);
    writeFileSync(join(place.folder, "large"), Buffer.alloc(64 * 1024 * 1024 + 1));
    const { code, err } = await place.run("capsule", "serve", "large", "--port", "0");
    expect(code).toBe(2);
    expect(err).toMatch(/"large" has 67108865 bytes/);
  });
});

function unknownChain() {
  const { hardfork: _, ...capsule } = capsuleIn("good.capsule");
  return capsule;
}

/** A fork asks its origin while it mines, and answers meanwhile. */
async function receiptOf(of: Endpoint, hash: Hex): Promise<{ status: Hex; gasUsed: Hex }> {
  for (let i = 0; i < 200; i += 1) {
    const receipt = await of.request("eth_getTransactionReceipt", [hash]);
    if (receipt !== null) return receipt as { status: Hex; gasUsed: Hex };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${hash} was not mined.`);
}

test("LAB-02: what is served is forked, and GET /missing tells what was asked beyond it", async () => {
  await record("served.capsule", hashes[0]!);
  const child = spawn(process.execPath, [bin, "capsule", "serve", "served.capsule", "--port", "0"], {
    cwd: place.folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const url = line.toString().trim();
    const fork = await startAnvil({
      forkUrl: url,
      args: ["--no-storage-caching", "--hardfork", "prague", "--auto-impersonate"],
    });
    const forked = openEndpoint(fork.url);
    try {
      const [tx] = capsuleIn("served.capsule").transactions!;
      const sent = { from: tx!.from, to: store, data: tx!.input, gas: "0x30d40" };
      const hash = await forked.request("eth_sendTransaction", [sent]);
      const receipt = await receiptOf(forked, hash as Hex);
      expect([receipt.status, BigInt(receipt.gasUsed)]).toEqual(["0x1", tx!.expected!.gasUsed]);
      expect(await forked.request("eth_getStorageAt", [store, word(0), "latest"])).toBe(word(5));
      await forked.request("eth_getStorageAt", [store, word(99), "latest"]);
    } finally {
      forked.close();
      await fork.stop();
    }
    const missing = await (await fetch(`${url}/missing`)).json();
    expect(missing).toMatchObject({ slots: [{ address: store, slot: word(99) }] });
    const taken = await place.run("capsule", "serve", "served.capsule", "--port", new URL(url).port);
    expect(taken.code).toBe(2);
    expect(taken.err).toMatch(/Port \d+ of 127.0.0.1 cannot be taken/);
    const served = openEndpoint(url);
    await expect(served.request("eth_sendRawTransaction", ["0x"])).rejects.toThrow(/only reads/);
    served.close();
  } finally {
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  }
});

test("LAB-04: error: a place that takes no file is told before anything is asked of the node", async () => {
  const at = (name: string) => join(place.folder, name);
  mkdirSync(at("folder"));
  symlinkSync("folder", at("to-folder"));
  symlinkSync("round", at("round"));
  for (const [out, said] of [
    ["folder", "is a folder"],
    ["to-folder", "leads to one"],
    ["round", "leads back to itself"],
    ["/dev/null", "is no plain file"],
  ] as const) {
    const { code, err } = await place.run(
      "capsule",
      "record",
      "--rpc",
      "http://127.0.0.1:9",
      "--out",
      out,
      "--tx",
      word(1),
    );
    expect([code, err.trim().split("\n").length, err]).toEqual([2, 3, expect.stringContaining(said)]);
  }
  expect(lstatSync(at("to-folder")).isSymbolicLink()).toBe(true);
});

test("LAB-04: nothing half is left where writing fails, and what stood there stands", async () => {
  await record("kept.capsule", hashes[0]!);
  const before = readFileSync(join(place.folder, "kept.capsule"));
  const failed = await record("kept.capsule", hashes[0]!, word(9));
  expect(failed.code).toBe(1);
  expect(readFileSync(join(place.folder, "kept.capsule"))).toEqual(before);
  expect(existsSync(join(place.folder, "kept.capsule.tmp"))).toBe(false);
  expect(readdirSync(place.folder).filter((name) => name.startsWith("kept.capsule"))).toEqual(["kept.capsule"]);
});
