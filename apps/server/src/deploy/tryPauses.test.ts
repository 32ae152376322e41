// Contracts that obey, and some that only say so, under pauses on a copy of a real chain.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { circuitBreaker } from "@testudo/contracts";
import { encodeFunctionData, parseAbi, toFunctionSelector } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { prepare } from "./deployFromFile.ts";
import { exampleDeployment } from "./example.testkit.ts";
import { creationCalls } from "./rehearseCreations.ts";
import { addressIn, argumentsOf, key, later, nonceOf, open, run } from "./runs.testkit.ts";
import { tryPauses } from "./tryPauses.ts";
import { openWorld, type World, writeDeployment } from "./world.testkit.ts";

const bin = fileURLToPath(new URL("../../bin/testudo.js", import.meta.url));
const seize = "seize(address,uint256[])";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** Breaker, council and timelock over the example's vault and an external contract. */
function over(external: object) {
  const { chainId, protect, council, timelock } = exampleDeployment({ ...world, slowWallet: key });
  return { chainId, protect: [...protect, external], council, slowWallet: key, timelock };
}

const honest = () => ({
  name: "Market",
  address: world.market,
  mode: "external",
  guarded: ["withdraw(uint256)"],
  exempt: ["repay(uint256)"],
});

const forgetful = () => ({
  ...honest(),
  address: world.forgetful,
  guarded: ["withdraw(uint256)", "borrow(uint256)", seize],
  exempt: ["repay(uint256)", "close(uint256)", "settle(uint256)"],
});

async function tried(config: unknown): Promise<readonly string[]> {
  const subject = await open(world, writeDeployment(world.folder, config));
  const prepared = await prepare(subject, world.deployer);
  const before = creationCalls(prepared);
  const rows = await tryPauses(subject.chain, {
    file: subject.loaded.deployment,
    blueprint: prepared.blueprint,
    before,
  });
  return rows.map(({ field, found }) => `${field.replace(", paused on a copy of the chain", "")}: ${found}`);
}

test("DEPLOY-10: contracts that obey are refused under a pause, and answer where they are exempt", async () => {
  const height = await world.node.request("eth_blockNumber");
  expect(await tried(over(honest()))).toEqual([
    "withdraw(uint256) of Vault: refused with Breaker_Paused",
    "borrow(uint256) of Vault: refused with Breaker_Paused",
    "repay(uint256) of Vault meanwhile: answers",
    "withdraw(uint256) of Market: refused with Breaker_Paused",
    "repay(uint256) of Market meanwhile: answers",
  ]);
  expect(await world.node.request("eth_blockNumber")).toBe(height);
});

test("DEPLOY-10: a contract that names the breaker and does not ask it is found out, and one that shuts its exit", async () => {
  const rows = (await tried(over(forgetful()))).slice(3);
  expect(rows).toEqual([
    "withdraw(uint256) of Market: goes through: it does not ask the breaker",
    "borrow(uint256) of Market: refused with Breaker_Paused",
    `${seize} of Market: refused for another reason, so that nothing is proven: execution reverted: Error(not the keeper)`,
    expect.stringMatching(/^repay\(uint256\) of Market meanwhile: refused: Breaker_Paused/),
    "close(uint256) of Market meanwhile: refused: Error(closed)",
    // It refuses zero with and without a pause.
    expect.stringMatching(/^settle\(uint256\) of Market meanwhile: fails as it does without a pause/),
  ]);
});

test("DEPLOY-10: a function that looks at its caller first is tried with the call that the file gives", async () => {
  const data = encodeFunctionData({ abi: parseAbi([`function ${seize}`]), functionName: "seize", args: [key, [1n]] });
  const probes = [{ function: seize, from: key, data }];
  expect(await tried(over({ ...forgetful(), probes }))).toContain(`${seize} of Market: refused with Breaker_Paused`);
});

function command(file: string, ...more: readonly string[]) {
  const child = spawn(process.execPath, [bin, ...argumentsOf(world, file, ...more)], { cwd: dirname(file) });
  const seen = { out: "", error: "" };
  child.stdout.on("data", (text) => {
    seen.out += text;
  });
  child.stderr.on("data", (text) => {
    seen.error += text;
  });
  return new Promise<{ readonly code: number; readonly out: string; readonly error: string }>((resolve) =>
    child.once("close", (code) => resolve({ code: code ?? -1, ...seen })),
  );
}

test.each([["a dry run", ["--dry-run"]] as const, ["a deployment", []] as const])(
  "error: %s over a contract that does not ask the breaker ends with the reason, and nothing is sent",
  async (_, options) => {
    const { code, error } = await command(writeDeployment(world.folder, over(forgetful())), ...options);
    expect([code, await nonceOf(world)]).toEqual([1, 0]);
    expect(error).toContain("withdraw(uint256) of Market, paused on a copy of the chain: goes through");
  },
);

test("DEPLOY-10: a dry run names the exempt function of which its call told nothing", async () => {
  // Without its argument it reverts, paused or not.
  const probes = [{ function: "repay(uint256)", from: key, data: toFunctionSelector("repay(uint256)") }];
  const config = over({ ...honest(), probes });
  const said = "repay(uint256) of Market meanwhile: fails as it does without a pause, which proves nothing";
  const told = await command(writeDeployment(world.folder, config), "--dry-run");
  expect([told.code, told.error]).toEqual([0, ""]);
  expect(told.out).toContain(said);
  expect(told.out).toContain("5 functions were tried under a pause on a copy of the chain");
  expect(told.out).not.toContain("what is exempt answers.");
  const asJson = await command(writeDeployment(world.folder, config), "--dry-run", "--json");
  expect(JSON.parse(asJson.out).rehearsal.unproven).toEqual([expect.stringContaining(said)]);
});

test("DEPLOY-05: a dry run tells a program how much it tried and what is left", async () => {
  const { code, out } = await command(writeDeployment(world.folder, over(honest())), "--dry-run", "--json");
  const { rehearsal, gas, contracts } = JSON.parse(out);
  expect([code, rehearsal]).toEqual([0, { functionsTried: 5, settingsToCome: 0, later: [] }]);
  expect(Object.keys(gas.byContract)).toEqual([
    ...contracts.map(({ name }: { name: string }) => name),
    "calls right after",
  ]);
});

test("error: a key or a plan that is not there ends with 2, which --verify keeps apart from a drift", async () => {
  const file = writeDeployment(world.folder, over(honest()));
  const nowhere = ["--keystore", join(world.folder, "none.json"), "--plan", join(world.folder, "none.plan.json")];
  expect(await command(file, "--dry-run", ...nowhere)).toMatchObject({
    code: 2,
    error: expect.stringContaining("it is not there"),
  });
  expect(await command(file, "--verify", ...nowhere)).toMatchObject({
    code: 2,
    error: expect.stringContaining("There is no plan"),
  });
});

test("error: a name that would steer the terminal is told without its control characters", async () => {
  const config = { ...over(honest()), trippers: [{ caller: `0x${"6".repeat(40)}`, group: "\u001b[2Jexits" }] };
  const { code, error } = await command(writeDeployment(world.folder, config), "--dry-run");
  expect(code).toBe(2);
  expect(error).toContain('There is no group "·[2Jexits".');
});

test("DEPLOY-10: verify tries a deployment that stands, also while a full halt runs", async () => {
  const file = writeDeployment(world.folder, over(honest()));
  const whole = await run(world, file);
  const { timestamp } = (await world.node.request("eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
  const why = { reason: `0x${"1".repeat(64)}`, evidence: `0x${"1".repeat(64)}` };
  const args = [world.market, Number(timestamp) + 20 * 3_600, why];
  await world.send(addressIn(whole, "council"), addressIn(whole, "breaker"), circuitBreaker.abi, "fullHalt", args);
  await later(world, 60);
  const { code, out } = await command(file, "--verify", "--json");
  const { rows, drift } = JSON.parse(out).verified;
  expect(rows.slice(-5).map(({ found }: { found: string }) => found)).toEqual([
    "refused with Breaker_Paused",
    "refused with Breaker_Paused",
    "answers",
    "refused with Breaker_Paused",
    "answers",
  ]);
  expect([code, drift]).toEqual([0, 0]);
  // A contract whose code forgets the breaker later, as an upgrade can.
  const code_ = await world.node.request("eth_getCode", [world.forgetful, "latest"]);
  await world.node.request("anvil_setCode", [world.market, code_]);
  const after = await command(file, "--verify", "--json");
  expect(after.code).toBe(1);
  const named = JSON.parse(after.out).verified.rows.filter(({ verdict }: { verdict: string }) => verdict === "drift");
  expect(named.map(({ found }: { found: string }) => found.slice(0, 30))).toEqual(["goes through: it does not ask "]);
});
