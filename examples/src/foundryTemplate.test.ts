import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { circuitBreaker, flowLimiter, guardianCouncil, oracleAggregator } from "@testudo/contracts";
import { forgeIn } from "@testudo/contracts/forge";
import type { Abi, Address } from "viem";
import { createPublicClient, http } from "viem";
import { getAddress } from "viem/utils";
import { beforeAll, expect, test } from "vitest";

// What a team has after `npm install`: the template copied out, beside it the packages. It stands in the cache and not in
// a temporary folder so that forge keeps what it has compiled.
const root = fileURLToPath(new URL("../..", import.meta.url));
const template = join(root, "examples", "foundry-template");
const copy = join(root, ".cache", "foundry-template");

beforeAll(() => {
  mkdirSync(copy, { recursive: true });
  for (const part of ["src", "test", "script", "foundry.toml", "remappings.txt", "package.json"]) {
    rmSync(join(copy, part), { recursive: true, force: true });
    cpSync(join(template, part), join(copy, part), { recursive: true });
  }
  if (!existsSync(join(copy, "node_modules"))) symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
});

test("TEMPLATE-01: the copied template compiles and its own tests pass, the attack stopped among them", async () => {
  const { code, stdout } = await forgeIn(copy, ["test", "--color", "never"]);
  expect(stdout).toContain("[PASS] test_attack_pumpedFeedLendsNothingAboveTheHonestLimit");
  expect(stdout).not.toContain("[FAIL");
  expect(code).toBe(0);
  // The first run compiles: 39 s on a quiet machine.
}, 900_000);

test("TEMPLATE-02: its script deploys on a chain, and the modules find each other there", async () => {
  const anvil = await startAnvil();
  try {
    // anvil's first account; the key is public.
    const key = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    const place = ["--sig", "local()", "--rpc-url", anvil.url, "--broadcast", "--private-key", key];
    const { code, stdout } = await forgeIn(copy, ["script", "script/Deploy.s.sol", ...place, "--color", "never"]);
    expect(code, stdout).toBe(0);
    const deployed = deployedBy();
    expect(Object.keys(deployed)).toEqual(
      expect.arrayContaining(["Timelock", "CircuitBreaker", "GuardianCouncil", "OracleAggregator", "FlowLimiter"]),
    );
    const client = createPublicClient({ transport: http(anvil.url) });
    const read = (name: string, abi: Abi, functionName: string, args: readonly unknown[] = []) =>
      client.readContract({ address: deployed[name]!, abi, functionName, args });
    const vault = deployed.GuardedVault!;
    const [targetHealthy] = (await read("CircuitBreaker", circuitBreaker.abi, "targetHealthy", [vault])) as [boolean];
    expect(targetHealthy).toBe(true);
    for (const [name, { abi }] of [
      ["CircuitBreaker", circuitBreaker],
      ["FlowLimiter", flowLimiter],
      ["OracleAggregator", oracleAggregator],
    ] as const)
      expect([name, await read(name, abi as Abi, "healthy")]).toEqual([name, [true, `0x${"0".repeat(64)}`]]);
    expect(await read("FlowLimiter", flowLimiter.abi as Abi, "protectedContract")).toBe(getAddress(vault));
    expect(await read("GuardianCouncil", guardianCouncil.abi as Abi, "thresholds")).toEqual([2, 3, 3]);
  } finally {
    await anvil.stop();
  }
});

/** The contracts that the last broadcast created, by name. */
function deployedBy(): Record<string, Address> {
  const file = join(copy, "broadcast", "Deploy.s.sol", "31337", "local-latest.json");
  const { transactions } = JSON.parse(readFileSync(file, "utf8")) as {
    transactions: { transactionType: string; contractName: string; contractAddress: Address }[];
  };
  const created = transactions.filter(({ transactionType }) => transactionType === "CREATE");
  return Object.fromEntries(created.map(({ contractName, contractAddress }) => [contractName, contractAddress]));
}
