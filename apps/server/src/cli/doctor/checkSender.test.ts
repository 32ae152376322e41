import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Address } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newKeystore } from "../../keystore/newKeystore.ts";
import { checkFunds, checkPassword } from "./checkSender.ts";

let anvil: Anvil;
let folder: string;
let address: Address;
const at = (name: string) => join(folder, name);
const password = (line: string, mode = 0o600) => {
  writeFileSync(at("p"), `${line}\n`);
  chmodSync(at("p"), mode);
};
const checked = (keystore = "k.json") => checkPassword({ keystore: at(keystore), passwordFile: at("p") });
beforeAll(async () => {
  anvil = await startAnvil();
  folder = mkdtempSync(join(tmpdir(), "testudo-sender-"));
  address = await newKeystore(at("k.json"), "correct horse", { n: 1 << 10, r: 8, p: 1 });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await anvil.stop();
});

test("behavior: the password that opens the sender's key is told as such, with whose key it is", async () => {
  password("correct horse");
  const text = `"${at("p")}" is for its owner only, and opens the key of ${address}`;
  expect(await checked()).toEqual({ check: { level: "ok", name: "password", text }, address });
});

test("error: one that does not open it, is empty, is open to others or not there", async () => {
  password("battery staple");
  const wrong = { level: "fail", name: "password", text: `The password does not open "${at("k.json")}".` };
  expect((await checked()).check).toMatchObject(wrong);
  password("");
  expect((await checked()).check).toMatchObject({ level: "fail", text: expect.stringContaining("is empty") });
  password("correct horse", 0o644);
  expect((await checked()).check).toMatchObject({ level: "fail", text: expect.stringContaining("mode 644") });
  rmSync(at("p"));
  expect((await checked()).check).toMatchObject({ level: "fail", text: `"${at("p")}" is not there.` });
});

test("error: a keystore that holds another key than it says; of one that is told elsewhere nothing is said", async () => {
  password("correct horse");
  const text = readFileSync(at("k.json"), "utf8").replace(address.slice(2), "33".repeat(20));
  writeFileSync(at("other.json"), text, { mode: 0o600 });
  const { check, address: nobody } = await checked("other.json");
  expect([check.level, check.text, nobody]).toEqual(["fail", expect.stringContaining("holds the key of"), undefined]);
  expect((await checked("none.json")).check.level).toBe("ok");
});

test("RESP-09: a sender with nothing to pay with fails, one with money is told with what it has", async () => {
  expect(await checkFunds(anvil.url, address)).toEqual([
    {
      ...{ level: "fail", name: "funds", text: `${address} has nothing: no pause can be sent.` },
      wayOut: "Send it gas money.",
    },
  ]);
  const node = openEndpoint(anvil.url);
  await node.request("anvil_setBalance", [address, "0x14d1120d7b160000"]);
  node.close();
  expect(await checkFunds(anvil.url, address)).toEqual([
    { level: "ok", name: "funds", text: `${address} has 1.5 ether` },
  ]);
});
