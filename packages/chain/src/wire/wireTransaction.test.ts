import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Hex } from "@testudo/core/model/Hex";
import { privateKeyToAccount } from "viem/accounts";
import { keccak256, toRlp } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anvilAccount } from "../fork/anvilAccount.ts";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import type { Fields } from "./parseField.ts";
import { hashOfWire, senderOfWire } from "./wireTransaction.ts";

// The first of anvil's accounts.
const account = anvilAccount();
const to: Hex = `0x${"34".repeat(20)}`;
const delegate = privateKeyToAccount(`0x${"21".repeat(32)}`);
let anvil: Anvil;
let node: Endpoint;
const mined: Fields[] = [];

beforeAll(async () => {
  anvil = await startAnvil();
  node = openEndpoint(anvil.url);
  const authorization = await delegate.signAuthorization({ chainId: 31_337, contractAddress: to, nonce: 0 });
  const accessList = [{ address: to, storageKeys: [`0x${"0".repeat(63)}7` as Hex] }];
  const [legacy, dynamic] = [{ gasPrice: 3n * 10n ** 9n }, { maxFeePerGas: 3n * 10n ** 9n, maxPriorityFeePerGas: 1n }];
  for (const [nonce, tx] of [
    { type: "legacy", ...legacy, to, value: 5n },
    { type: "legacy", ...legacy, chainId: undefined, to },
    { type: "eip2930", ...legacy, to, accessList, data: "0x00ff" },
    { type: "eip1559", ...dynamic, to, accessList },
    { type: "eip1559", ...dynamic, data: "0x60006000fd" },
    { type: "eip7702", ...dynamic, to, authorizationList: [authorization] },
  ].entries()) {
    const raw = await account.signTransaction({ chainId: 31_337, nonce, gas: 100_000n, ...tx } as never);
    const hash = await node.request("eth_sendRawTransaction", [raw]);
    mined.push((await node.request("eth_getTransactionByHash", [hash])) as Fields);
  }
});
afterAll(async () => {
  node.close();
  await anvil.stop();
});

test("STREAM-18: transactions of every type come to their hash and their signer", () => {
  expect(mined.map(({ type }) => type)).toEqual(["0x0", "0x0", "0x1", "0x2", "0x2", "0x4"]);
  for (const wire of mined)
    expect([hashOfWire(wire), senderOfWire(wire)]).toEqual([wire.hash, account.address.toLowerCase()]);
});

test("STREAM-18: whatever is changed comes to another hash, or to none; of the sender nothing stands under the hash", () => {
  for (const wire of mined)
    for (const [field, value] of [
      ["to", `0x${"35".repeat(20)}`],
      ["value", "0x9"],
      ["input", "0x12"],
      ["nonce", "0x63"],
      ["gas", "0x5209"],
      ["r", `0x${"1".repeat(64)}`],
      ["r", undefined],
      ["type", "0x7e"],
      ["type", "x"],
    ] as const)
      expect(hashOfWire({ ...wire, [field]: value }), `${String(wire.type)} ${field}`).not.toBe(wire.hash);
  expect(hashOfWire({})).toBeUndefined();
  // As a decimal number it would take minutes to read.
  for (const field of ["gas", "v", "r", "chainId", "type", "maxFeePerGas"])
    expect(hashOfWire({ ...mined[3], [field]: "9".repeat(5_000_000) }), field).toBeUndefined();
  expect(senderOfWire({})).toBeUndefined();
  const [first] = mined;
  expect(hashOfWire({ ...first, from: to })).toBe(first!.hash);
  expect(senderOfWire({ ...first, from: to })).toBe(account.address.toLowerCase());
});

test("STREAM-18: what a node says beside the hash names no other signer and delegates nothing", () => {
  for (const wire of mined) {
    const said = { ...wire, yParity: wire.yParity === "0x0" ? "0x1" : "0x0" };
    // In a legacy transaction it stands under no hash, so that it is not looked at.
    if (hashOfWire(said) === wire.hash) expect(senderOfWire(said)).toBe(account.address.toLowerCase());
  }
  for (const wire of mined.slice(2))
    for (const yParity of ["0x2", "0x5", "0x1b", "0xff"])
      expect(hashOfWire({ ...wire, yParity }), String(wire.type)).not.toBe(wire.hash);
  const [{ authorizationList }] = mined.slice(-1) as [Fields];
  for (const wire of mined.slice(0, -1)) {
    expect(hashOfWire({ ...wire, authorizationList }), String(wire.type)).toBeUndefined();
    expect(hashOfWire({ ...wire, authorizationList: [] }), String(wire.type)).toBe(wire.hash);
  }
});

test("STREAM-18: the same transaction comes to its hash however a node writes it", () => {
  const upper = (value: unknown) =>
    typeof value === "string" && /^0x[0-9a-f]*$/.test(value) ? `0x${value.slice(2).toUpperCase()}` : value;
  const padded = (value: unknown) => `0x${String(value).slice(2).padStart(64, "0")}`;
  for (const wire of mined) {
    const { type, nonce, chainId, yParity, accessList, ...rest } = wire;
    const numbers = { ...wire, type: Number(type), nonce: Number(nonce) };
    const padding = { ...wire, r: padded(wire.r), s: padded(wire.s), value: padded(wire.value) };
    const shouting = Object.fromEntries(Object.entries(wire).map(([field, value]) => [field, upper(value)]));
    for (const other of [numbers, padding, shouting])
      expect([hashOfWire(other), senderOfWire(other)]).toEqual([wire.hash, account.address.toLowerCase()]);
    const legacy = { ...rest, nonce, accessList: null, chainId: null, yParity: null };
    if (type === "0x0") expect(hashOfWire(legacy)).toBe(wire.hash);
    else expect(hashOfWire({ ...wire, yParity: undefined })).toBe(wire.hash);
  }
});

test("STREAM-18: what strangers sign for no chain that can be keeps nobody's transaction from its hash", async () => {
  const most = `0x${"f".repeat(64)}`;
  const wire = mined.at(-1)!;
  const odd = { chainId: most, address: to, nonce: "0xffffffffffffffff", yParity: "0xff", r: most, s: "0x0" };
  const authorizationList = [odd, ...(wire.authorizationList as Fields[])];
  const list = [
    ["0x7a69", wire.nonce, wire.maxPriorityFeePerGas, wire.maxFeePerGas, wire.gas, wire.to, wire.value, wire.input, []],
    ...[authorizationList].map((all) =>
      all.map(({ chainId, address, nonce, yParity, r, s }) => [chainId, address, nonce, yParity, r, s]),
    ),
  ];
  const fields = [...(list[0] as unknown[]), list[1], wire.yParity, wire.r, wire.s];
  const minimal = (item: unknown): unknown =>
    Array.isArray(item) ? item.map(minimal) : item === "0x0" ? "0x" : evenOf(item as string);
  const evenOf = (hex: string) => (hex.length % 2 === 0 ? hex : `0x0${hex.slice(2)}`);
  const expected = keccak256(`0x04${toRlp(minimal(fields) as Hex[]).slice(2)}`);
  expect(hashOfWire({ ...wire, authorizationList })).toBe(expected);
});

const data = process.env.TESTUDO_DATA;
test.skipIf(data === undefined)("STREAM-18: so do the 3,445 of 14 mainnet blocks (needs TESTUDO_DATA)", () => {
  const folder = join(data!, "blocks");
  const txs = readdirSync(folder)
    .filter((name) => name.endsWith(".json.gz"))
    .flatMap(
      (name) => JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString()).block.transactions as Fields[],
    );
  expect(txs).toHaveLength(3_445);
  expect(txs.filter((wire) => hashOfWire(wire) !== wire.hash)).toEqual([]);
  // Finding one takes milliseconds.
  const some = txs.filter((_, i) => i % 20 === 0);
  expect(some.filter((wire) => senderOfWire(wire) !== wire.from)).toEqual([]);
});
