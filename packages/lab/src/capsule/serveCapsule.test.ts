import { request } from "node:http";
import type { Hex } from "@testudo/core/model/Hex";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerStateRpc } from "../engine/answerStateRpc.ts";
import { PortInUse } from "../engine/serveRpc.ts";
import { startEdr } from "../engine/startEdr.ts";
import type { Capsule } from "../record/Capsule.ts";
import { type ServedCapsule, serveCapsule } from "./serveCapsule.ts";
import { watchState } from "./watchedState.ts";

const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const store: Hex = `0x${"5a".repeat(20)}`;
const alice: Hex = `0x${"a1".repeat(20)}`;
const unknown: Hex = `0x${"d3".repeat(20)}`;
const account = (code: Hex | null, balance = 0n, storage: [Hex, Hex][] = []) => ({
  balance,
  nonce: 0n,
  code,
  storage: new Map(storage),
});
const capsule: Capsule = {
  name: "small",
  chainId: 1,
  block: { number: 20_000_000n, timestamp: 1_717_281_407n, baseFeePerGas: 7n, hash: word(0xb10c) },
  blockHashes: new Map([[19_999_990n, word(0x0ad)]]),
  accounts: new Map([
    [alice, account("0x", 10n ** 18n)],
    // Adds one to slot 0.
    [store, account("0x60005460010160005500", 12n, [[word(0), word(41)]])],
    [unknown, account(null)],
  ]),
};

let served: ServedCapsule;
beforeAll(async () => {
  served = await serveCapsule(capsule);
});
afterAll(() => served?.close());

async function post(body: string): Promise<{ status: number; json: unknown }> {
  const response = await fetch(served.url, { method: "POST", body });
  return { status: response.status, json: await response.json() };
}

async function ask(method: string, ...params: unknown[]): Promise<unknown> {
  const { json } = await post(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  const { result, error } = json as { result?: unknown; error?: { message: string } };
  return error === undefined ? result : `error: ${error.message}`;
}

describe("LAB-02: a served capsule", () => {
  test("answers from the record, whatever block is named", async () => {
    expect(await ask("eth_chainId")).toBe("0x1");
    expect(await ask("eth_getBalance", store, "latest")).toBe("0xc");
    expect(await ask("eth_getStorageAt", store.toUpperCase().replace("0X", "0x"), "0x0", "0x1")).toBe(word(41));
    expect(await ask("eth_getBlockByNumber", "latest", false)).toMatchObject({
      number: "0x1312d00",
      hash: word(0xb10c),
    });
    expect(await ask("eth_getBlockByNumber", "0x1312cf6", false)).toMatchObject({ hash: word(0x0ad) });
    expect(await ask("eth_getBlockByHash", word(0xb10c), false)).toMatchObject({ number: "0x1312d00" });
    expect(await ask("eth_getBlockByNumber", "0x1312d01", false)).toBe(null);
  });

  test("lists what was asked for beyond the record, and says what it does not have", async () => {
    expect(await ask("eth_getStorageAt", store, word(7), "latest")).toBe(word(0));
    expect(await ask("eth_getBalance", `0x${"77".repeat(20)}`, "latest")).toBe("0x0");
    const missing = await (await fetch(`${served.url}/missing`)).json();
    expect(missing).toEqual({
      accounts: [`0x${"77".repeat(20)}`],
      slots: [{ address: store, slot: word(7) }],
      blockHashes: [],
    });
    expect(await ask("eth_getCode", unknown, "latest")).toBe(`error: The code of ${unknown} was not recorded.`);
    expect(await (await fetch(served.url)).json()).toEqual({
      name: "small",
      chainId: 1,
      block: 20_000_000,
      accounts: 3,
      slots: 1,
    });
  });

  test("is forked by the node inside Hardhat", async () => {
    const hardhat = await startEdr({
      url: served.url,
      block: {
        chainId: 1,
        number: 20_000_001n,
        timestamp: 1_717_281_408n,
        baseFeePerGas: 7n,
        gasLimit: 30_000_000n,
        coinbase: alice,
        prevRandao: word(1),
      },
      hardfork: "cancun",
      isUnbounded: false,
    });
    await hardhat.request("hardhat_impersonateAccount", [alice]);
    await hardhat.request("eth_sendTransaction", [{ from: alice, to: store, gas: "0x186a0", gasPrice: "0x64" }]);
    await hardhat.request("evm_mine", []);
    expect(await hardhat.request("eth_getStorageAt", [store, "0x0", "latest"])).toBe(word(42));
    await hardhat.close();
    // The record stands.
    expect(await ask("eth_getStorageAt", store, "0x0", "latest")).toBe(word(41));
  });

  test("error: whoever wants to write, and whoever is not from this machine", async () => {
    for (const method of [
      "eth_sendTransaction",
      "eth_sendRawTransaction",
      "hardhat_setBalance",
      "toString",
      "__proto__",
    ])
      expect(await ask(method)).toBe(`error: This node has one state and only reads: no "${method}".`);
    expect(await statusFor("evil.example")).toBe(403);
    expect(await statusFor(`localhost:${served.port}`)).toBe(200);
    await expect(serveCapsule(capsule, served.port)).rejects.toThrow(PortInUse);
  });

  test("error: what is no request, too many of them, or one too long", async () => {
    expect(await post("{")).toMatchObject({ status: 400, json: { error: { code: -32700 } } });
    expect(await post("[]")).toMatchObject({ status: 400 });
    expect(await post(`[${Array(1_001).fill("1").join()}]`)).toMatchObject({ status: 400 });
    // The connection may end before the answer to what is too long is read.
    const long = await post(`"${"x".repeat(5_000_000)}"`).catch((error: Error) => error);
    expect(long instanceof Error || (long as { status: number }).status === 413).toBe(true);
    expect((await fetch(served.url, { method: "PUT" })).status).toBe(405);
    expect((await fetch(`${served.url}/x`)).status).toBe(404);
    expect(await ask("eth_chainId")).toBe("0x1");
  });

  test("answers anything with a result or an error, and never fails", async () => {
    const { source } = watchState(capsule);
    const answer = answerStateRpc({ chainId: 1, header: capsule.block, source });
    const methods = fc.constantFrom("eth_getBalance", "eth_getStorageAt", "eth_getBlockByNumber", "eth_getCode");
    const requests = fc.oneof(fc.jsonValue(), fc.record({ id: fc.nat(), method: methods, params: fc.jsonValue() }));
    await fc.assert(
      fc.asyncProperty(requests, async (asked) => {
        const { result, error } = await answer(asked);
        expect((result === undefined) !== (error === undefined)).toBe(true);
      }),
    );
  });
});

// fetch does not let the header be chosen.
function statusFor(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port: served.port, path: "/", headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on("error", reject);
    asked.end();
  });
}
