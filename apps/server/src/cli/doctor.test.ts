import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openPlace, type Place, type Ran } from "./place.testkit.ts";

let place: Place;
let folder = "";
beforeEach(() => {
  place = openPlace();
  folder = place.folder;
});
afterEach(() => place.remove());
const run = (...args: readonly string[]) => place.run(...args);

let anvil: Anvil;
beforeAll(async () => {
  anvil = await startAnvil();
});
afterAll(() => anvil.stop());

const doctor = async (...lines: readonly string[]): Promise<Ran> => {
  const text = `import { defineConfig } from "testudo";\nexport default defineConfig({ ${lines.join(", ")} });`;
  writeFileSync(join(folder, "testudo.config.ts"), text);
  return run("doctor");
};
// A contract that every anvil has: the deterministic deployer.
const deployer = "0x4e59b44847b379578588920ca78fbf26c0b4956c";

test("behavior: a sound set-up passes; what is missing is a warning with a way out", async () => {
  const { code, out } = await doctor(`rpc: ["${anvil.url}"]`, `protect: ["${deployer}"]`);
  expect(out).toContain("ok   anvil: anvil Version: 1.7.1");
  expect(out).toContain("reads state by block hash (EIP-1898)");
  expect(out).toContain("traces calls (debug_traceBlockByHash)");
  expect(out).toContain("proves its logs (eth_getBlockReceipts)");
  expect(out).toContain("marks finalized blocks");
  expect(out).toContain(`${deployer} is a contract`);
  expect(out).toContain("warn nodes: The quorum is 1");
  expect(out).toContain("warn policy: There is none");
  expect(out).toContain("Nothing fails.");
  expect(code).toBe(0);
});

test("error: an address without code, a wrong chain, a dead node", async () => {
  const { code, out } = await doctor(
    `rpc: ["${anvil.url}", "http://127.0.0.1:1/v2/s3cr3tkey0123456789"]`,
    "chainId: 1",
    `protect: [{ name: "Vault", address: "0x${"12".repeat(20)}" }]`,
  );
  expect(out).toContain("fail protect Vault:");
  expect(out).toContain("They are on chain 31337, the configuration says 1.");
  expect(out).toContain("fail nodes: 1 of 2 answer, the quorum is 2.");
  expect(out).not.toContain("s3cr3tkey");
  expect(code).toBe(1);
});

test("STREAM-15: a socket that tells heads is well, and one that does not is a warning without its key", async () => {
  const sockets = [anvil.url.replace("http", "ws"), "ws://anna:hunter2@127.0.0.1:1/v2/s3cr3tkey0123456789"];
  const { code, out } = await doctor(
    `rpc: ["${anvil.url}"]`,
    `heads: ${JSON.stringify(sockets)}`,
    `protect: ["${deployer}"]`,
  );
  expect(out).toContain(`ok   heads ${sockets[0]}: tells of new heads`);
  expect(out).toContain("warn heads ws://127.0.0.1:1/v2/…: It tells no heads: connect ECONNREFUSED 127.0.0.1:1.");
  expect(out).not.toMatch(/hunter2|s3cr3tkey/);
  expect(code).toBe(0);
});

test("TRIAL-03: nodes of other chains are asked for their chain", async () => {
  const far = (chainId: number, url: string) => `{ chainId: ${chainId}, rpc: ["${url}"] }`;
  const remotes = [far(31_337, anvil.url), far(10, anvil.url), far(11, "http://127.0.0.1:1/v2/s3cr3tkey0123456789")];
  const { code, out } = await doctor(
    `rpc: ["${anvil.url}"]`,
    `protect: ["${deployer}"]`,
    `remotes: [${remotes.join(", ")}]`,
  );
  expect(out).toContain(`ok   remote 31337 ${anvil.url}: chain 31337`);
  expect(out).toContain(`fail remote 10 ${anvil.url}: It is on chain 31337, not 10.`);
  expect(out).toContain("fail remote 11 http://127.0.0.1:1/v2/…: Node http://127.0.0.1:1/v2/… cannot be reached");
  expect(out).not.toContain("s3cr3tkey");
  expect(code).toBe(1);
});

test("error: a wrong configuration is told with its line", async () => {
  const { code, out } = await doctor(`rpc: ["${anvil.url}"]`, `protect: ["${deployer}"]`, 'quorum: "2" as any');
  expect(out).toMatch(/fail config: testudo\.config\.ts:2:\d+ `quorum` is "2", a string\./);
  expect(code).toBe(1);
  // It names one, and what was not read is not said to lack it.
  expect(out).not.toContain("None is named");
});

test("error: a file in the data folder's place", async () => {
  writeFileSync(join(folder, "taken"), "", { mode: 0o600 });
  const { code, out } = await run("doctor", "--data", "taken", "--json");
  const [data] = JSON.parse(out).filter(({ name }: { name: string }) => name === "data");
  expect([code, data]).toMatchObject([1, { level: "fail", text: 'Data folder "taken" is no folder.' }]);
});

test("error: a folder, a switch and a key that others can reach", async () => {
  const data = join(folder, ".testudo");
  mkdirSync(join(data, "keystores"), { recursive: true });
  writeFileSync(join(data, "keystores", "a.json"), "{}");
  chmodSync(join(data, "keystores", "a.json"), 0o644);
  writeFileSync(join(data, "switch.json"), "{");
  chmodSync(data, 0o755);
  const { code, out } = await run("doctor", "--json");
  const failed = JSON.parse(out).filter(({ level }: { level: string }) => level === "fail");
  expect(failed.map(({ name }: { name: string }) => name)).toEqual(["data", "switch", "keystore"]);
  expect(out).toContain("chmod 700");
  expect(out).toContain("chmod 600");
  expect(code).toBe(1);
});
