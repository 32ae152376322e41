import { fileURLToPath } from "node:url";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { compile } from "@testudo/contracts/compile";
import type { Abi, Address, Hex } from "viem";
import { createTestClient, http, publicActions, walletActions } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWatches, type Watches } from "./watchProcess.testkit.ts";

// The step from block to block takes the node's time, the pipeline's and the disk's; a loaded machine needs several times
// what an idle one does, and the bound is the promise itself.
const armedWithinMs = 60_000;
const historyBlocks = 5_000;
const portion = 250;

let anvil: Anvil;
let watches: Watches;
let at: Readonly<Record<"vault" | "sibling" | "code" | "usd" | "wbtc", Address>>;

beforeAll(async () => {
  // Without this anvil writes thousands of states to disk; a full node has thrown old ones away too.
  anvil = await startAnvil({ args: ["--max-persisted-states", "1"] });
  watches = openWatches();
  at = await build();
});
afterAll(async () => {
  await watches?.close();
  await anvil?.stop();
});

/** A proxy that holds two tokens, one of them from another proxy of the same owner, and 5,000 blocks in all. */
async function build() {
  const contracts = compile([fileURLToPath(new URL("../../src/cli/Surveyed.testkit.sol", import.meta.url))]);
  const client = createTestClient({ mode: "anvil", transport: http(anvil.url, { timeout: 120_000, retryCount: 0 }) })
    .extend(publicActions)
    .extend(walletActions);
  const account = (await client.getAddresses())[0]!;
  const settle = (hash: Hex) => client.waitForTransactionReceipt({ hash, pollingInterval: 20 });
  const deploy = async (name: string, ...args: unknown[]) => {
    const { abi, bytecode } = contracts[name]! as { abi: Abi; bytecode: Hex };
    const hash = await client.deployContract({ account, chain: null, abi, bytecode, args });
    return (await settle(hash)).contractAddress!;
  };
  const call = async (address: Address, name: string, functionName: string, ...args: unknown[]) =>
    settle(
      await client.writeContract({
        account,
        chain: null,
        address,
        abi: contracts[name]!.abi as Abi,
        functionName,
        args,
      }),
    );
  const code = await deploy("Vault");
  const [vault, sibling] = [await deploy("Proxy", code), await deploy("Proxy", code)];
  const [usd, wbtc] = [await deploy("Token", "USD\u001b[31m", 6), await deploy("Token", "WBTC", 8)];
  await call(usd, "Token", "mint", vault, 1_234_500_000n);
  await call(wbtc, "Token", "mint", sibling, 3n);
  await call(sibling, "Vault", "send", wbtc, vault, 2n);
  // A number that viem remembered would lie some blocks back.
  const missing = historyBlocks - Number(await client.getBlockNumber({ cacheTime: 0 }));
  // In portions: on a busy machine all at once takes longer than a request may.
  for (let left = missing; left > 0; left -= portion) await client.mine({ blocks: Math.min(portion, left) });
  return { vault, sibling, code, usd, wbtc };
}

test("ASSET-06: watch tells what it found and is armed within 60 s on a chain of 5,000 blocks", async () => {
  const startedMs = performance.now();
  const args = ["watch", "--rpc", anvil.url, "--protect", at.vault, "--history", `${historyBlocks}`, "--port", "0"];
  const watch = watches.start(args);
  const [told] = await watch.until(/^Watching\. 5000 blocks of history read in .* s\.$/m, armedWithinMs);
  const armedMs = performance.now() - startedMs;
  process.stdout.write(`armed after ${(armedMs / 1_000).toFixed(1)} s: ${told}\n`);
  expect(armedMs).toBeLessThan(armedWithinMs);
  const names = new Map(Object.entries(at).map(([name, address]) => [address.toLowerCase(), name]));
  const lines = watch
    .err()
    .split("\n")
    .slice(0, 11)
    .join("\n")
    .replace(/0x[0-9a-f]{40}/g, (address) => `<${names.get(address) ?? address}>`)
    .replace(/\d+ bytes/, "<n> bytes");
  expect(lines).toMatchInlineSnapshot(`
    "Protects <vault>, <n> bytes of code
      a proxy of <code>
      owned by <0x00000000000000000000000000000000000a11ce>
      holds
        1234.5 USD (<usd>)
        0.00000002 WBTC (<wbtc>)
      of the same owner, add them to --protect if they are yours:
        <sibling>
    Chain 31337, head 5000
    Budget levels: none yet. Fixed thresholds, uncalibrated: they alert, and pause nothing by themselves.
    Quorum 1: this one node is believed. Add a second --rpc of another operator."
  `);
  expect(watch.err()).toContain("Begins with a history of 5000 blocks from block 1.");
  watch.kill("SIGTERM");
  expect(await watch.ended).toBe(0);
});
