// What differs from the file later: named, alerted, and not set again unasked.
import { spawn } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { circuitBreaker, flowLimiter, guardianCouncil, riskSteward, timelock } from "@testudo/contracts";
import type { Address } from "@testudo/core/model/Hex";
import { zeroHash } from "viem";
import { encodeFunctionData } from "viem/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWatches } from "../cli/watchProcess.testkit.ts";
import type { Outcome } from "./deployFromFile.ts";
import { eachOnFreshState } from "./eachOnFreshState.testkit.ts";
import { exampleDeployment, steward } from "./example.testkit.ts";
import { roles } from "./modules/timelock.ts";
import { planPath, writePlan } from "./Plan.ts";
import { addressIn, argumentsOf, check, key, later, open, run, throughTimelock } from "./runs.testkit.ts";
import { type World, writeDeployment } from "./world.testkit.ts";

const stranger: Address = `0x${"4".repeat(40)}`;
const bin = fileURLToPath(new URL("../../bin/testudo.js", import.meta.url));

let world: World;
eachOnFreshState((opened) => {
  world = opened;
});

// Deployed once, with all its settings in force; each test gets a file and a plan of its own.
let whole: Outcome;

function standing(config: unknown = exampleDeployment({ ...world, slowWallet: key })): string {
  const file = writeDeployment(world.folder, config);
  writePlan(planPath(file, 31_337), whole.plan);
  return file;
}

function runCommand(
  file: string,
  ...more: readonly string[]
): Promise<{ readonly code: number; readonly out: string }> {
  const child = spawn(process.execPath, [bin, ...argumentsOf(world, file, ...more)], { cwd: dirname(file) });
  let out = "";
  child.stdout.on("data", (text) => {
    out += text;
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve({ code: code ?? -1, out })));
}

describe("a deployment that stands", () => {
  let fresh: unknown;
  beforeAll(async () => {
    fresh = await world.node.request("evm_snapshot");
    const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
    await run(world, file);
    await later(world, 86_400);
    whole = await run(world, file);
  });
  afterAll(() => world.node.request("evm_revert", [fresh]));

  test("DEPLOY-04: what the timelock changed later is named, and not set again unasked", async () => {
    const file = standing();
    const limiter = addressIn(whole, "limiter Vault");
    const limit = { capAbs: 5n, capBpsOfTvl: 0, window: 86_400, mode: 1, tripBps: 9_000 };
    const why = { reason: zeroHash, evidence: `0x${"1".repeat(64)}` } as const;
    const data = encodeFunctionData({
      abi: flowLimiter.abi,
      functionName: "setLimit",
      args: [world.token, limit, why],
    });
    await throughTimelock(world, whole, limiter, data);
    const at = addressIn(whole, "timelock");
    await world.send(at, addressIn(whole, "steward"), riskSteward.abi, "setSteward", [key, true, why]);
    await world.send(at, at, timelock.abi, "grantRole", [roles.proposer, world.handler]);
    const { rows, drift } = await check(world, file);
    const differing = rows.filter(({ verdict }) => verdict === "drift");
    expect(differing.map(({ module, field }) => `${module}: ${field}`)).toEqual([
      "timelock: proposers",
      `limiter Vault: limit of ${world.token}`,
      "steward: stewards",
    ]);
    expect(differing[1]).toMatchObject({
      expected: "{capAbs:1000000000000000000000,capBpsOfTvl:0,mode:1,tripBps:9000,window:86400}",
      found: "{capAbs:5,capBpsOfTvl:0,mode:1,tripBps:9000,window:86400}",
    });
    expect(differing[2]).toMatchObject({ expected: `[${steward}]`, found: `[${steward},${key}]` });
    expect(drift).toBe(3);
    const again = await run(world, file);
    expect(again.verified.drift).toBe(3);
    expect(again.plan.operations).toHaveLength(1);
    const ended = await runCommand(file, "--verify", "--json");
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.out).verified.drift).toBe(3);
  });

  test("DEPLOY-12: a file that names what no timelock has changed is told as drift, and nothing is created", async () => {
    const file = standing();
    const config = exampleDeployment({ ...world, slowWallet: key });
    config.council.guardians[0] = stranger;
    const changed = standing(config);
    const { rows } = (await run(world, changed)).verified;
    const differing = rows.filter(({ isAsExpected }) => !isAsExpected);
    expect(differing.map(({ module, field, verdict }) => `${verdict} ${module}: ${field}`)).toEqual([
      "drift council: guardians",
    ]);
    expect((await check(world, file)).drift).toBe(0);
  });

  test("DEPLOY-12: a file that follows the timelock's rotation of guardians goes on", async () => {
    const config = exampleDeployment({ ...world, slowWallet: key });
    const { guardians, m1, m2, m3 } = config.council;
    const why = { reason: zeroHash, evidence: `0x${"1".repeat(64)}` } as const;
    const data = encodeFunctionData({
      abi: guardianCouncil.abi,
      functionName: "rotate",
      args: [[stranger], [guardians[0]!], m1, m2, m3, why],
    });
    await throughTimelock(world, whole, addressIn(whole, "council"), data);
    expect((await check(world, standing())).drift).toBe(1);
    config.council.guardians[0] = stranger;
    const { verified, plan } = await run(world, standing(config));
    expect(verified.drift).toBe(0);
    expect(plan.contracts.map(({ address }) => address)).toEqual(whole.plan.contracts.map(({ address }) => address));
  });

  test("behavior: a module that the plan does not have, or the file no longer, is named as drift", async () => {
    const { margin: _, ...without } = exampleDeployment({ ...world, slowWallet: key });
    const fewer = standing(without);
    const named = async (file: string) =>
      (await check(world, file)).rows
        .filter(({ verdict }) => verdict === "drift")
        .map(({ field, found }) => `${field}: ${found}`);
    expect(await named(fewer)).toEqual(["margin: stands, and the file has no such module"]);
    const more = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
    const contracts = whole.plan.contracts.filter(({ name }) => name !== "margin");
    writePlan(planPath(more, 31_337), { ...whole.plan, contracts });
    expect((await named(more))[0]).toBe("margin: no code");
  });

  test("DEPLOY-03: a changed setting of the timelock is proposed anew, and alone", async () => {
    const config = exampleDeployment({ ...world, slowWallet: key });
    config.fund.caps[0]!.bps = 3_000;
    const changed = standing(config);
    const next = await run(world, changed);
    expect(next.plan.operations[1]!.calls.map(({ what }) => what)).toEqual(["fund: market ETH/USD may take 30 %"]);
    expect(next.verified).toMatchObject({ drift: 0, pending: 1 });
    await later(world, 86_400);
    expect((await run(world, changed)).verified).toMatchObject({ drift: 0, pending: 0 });
  });

  test("DEPLOY-04: what a former file proposed and still waits is drift, and is cancelled by the next run", async () => {
    const config = exampleDeployment({ ...world, slowWallet: key });
    config.fund.caps[0]!.bps = 10_000;
    const changed = standing(config);
    const { plan } = await run(world, changed);
    const [{ id } = { id: "" }] = plan.operations.slice(-1);
    // The file as it was, over the plan of the changed one.
    copyFileSync(standing(), changed);
    const waiting = (await check(world, changed)).rows.filter(({ verdict }) => verdict === "drift");
    expect(waiting).toMatchObject([
      {
        module: "timelock",
        field: `operation ${id}`,
        found: expect.stringMatching(/^waits: fund\.setMarketCap\(0x4554482f55534400+, 10000, /),
      },
    ]);
    const { settled, verified } = await run(world, changed);
    expect([settled.state, verified.drift]).toEqual(["done", 0]);
    await later(world, 86_400);
    expect((await run(world, changed)).verified).toMatchObject({ drift: 0, pending: 0 });
  });

  test("DEPLOY-04: an operation that no file asked for is named while it waits, and when it could be executed", async () => {
    const file = standing();
    const at = addressIn(whole, "timelock");
    const data = encodeFunctionData({ abi: timelock.abi, functionName: "updateDelay", args: [0n] });
    await world.send(key, at, timelock.abi, "schedule", [at, 0n, data, zeroHash, zeroHash, 86_400n]);
    const named = async () => (await check(world, file)).rows.filter(({ verdict }) => verdict === "drift");
    expect((await named()).map(({ found }) => found)).toEqual(["waits: timelock.updateDelay(0)"]);
    await later(world, 86_400);
    expect(await named()).toHaveLength(1);
    // Executed, it lowers the delay only when the former one is over: the comparison says so at once.
    await world.send(key, at, timelock.abi, "execute", [at, 0n, data, zeroHash, zeroHash]);
    expect((await named()).map(({ field, found }) => `${field}: ${found}`)).toEqual(["delay that was set last: 0"]);
  });

  test("DEPLOY-04, DEPLOY-12: a program that the timelock registered is named, and none once the file names it", async () => {
    const why = { reason: zeroHash, evidence: `0x${"1".repeat(64)}` } as const;
    const program = { caller: stranger, target: world.vault, selector: "0x2e1a7d4d" } as const;
    const config = { targets: [], groups: [], trippers: [], programs: [program] };
    const data = encodeFunctionData({ abi: circuitBreaker.abi, functionName: "register", args: [config, why] });
    await throughTimelock(world, whole, addressIn(whole, "breaker"), data);
    const { rows } = await check(world, standing());
    expect(rows.filter(({ verdict }) => verdict === "drift")).toMatchObject([
      {
        module: "timelock",
        field: "registered at the breaker beside the file",
        found: `[program ${stranger} on 0x2e1a7d4d of ${world.vault}]`,
      },
    ]);
    const programs = [{ caller: stranger, contract: "Vault", function: "withdraw(uint256)" }];
    const named = standing({ ...exampleDeployment({ ...world, slowWallet: key }), programs });
    expect((await run(world, named)).verified).toMatchObject({ drift: 0, pending: 0 });
  });

  test("DEPLOY-03: a program that the file names and the breaker does not know is proposed, and holds once executed", async () => {
    const programs = [{ caller: stranger, contract: "Vault", function: "borrow(uint256)" }];
    const file = standing({ ...exampleDeployment({ ...world, slowWallet: key }), programs });
    const next = await run(world, file);
    expect(next.plan.operations[1]!.calls.map(({ what }) => what)).toEqual([
      `breaker: ${stranger} may set guard rules on 0xc5ebeaec of ${world.vault}`,
    ]);
    expect(next.verified).toMatchObject({ drift: 0, pending: 1 });
    await later(world, 86_400);
    expect((await run(world, file)).verified).toMatchObject({ drift: 0, pending: 0 });
    // Whom the file forgets again is there still.
    const forgotten = (await check(world, standing())).rows.filter(({ verdict }) => verdict === "drift");
    expect(forgotten.map(({ found }) => found)).toEqual([`[program ${stranger} on 0xc5ebeaec of ${world.vault}]`]);
  });

  test("DEPLOY-04: a check after a call that no file asked for is named", async () => {
    const at = addressIn(whole, "timelock");
    const why = { reason: zeroHash, evidence: `0x${"1".repeat(64)}` } as const;
    await world.send(at, at, timelock.abi, "setPostCheck", [world.vault, "0x2e1a7d4d", world.handler, why]);
    const { rows } = await check(world, standing());
    expect(rows.filter(({ verdict }) => verdict === "drift").map(({ found }) => found)).toEqual([
      `[0x2e1a7d4d of ${world.vault} by ${world.handler}]`,
    ]);
  });

  test("error: a node of another chain, and a plan of a chain that was started anew, are refused", async () => {
    const file = writeDeployment(world.folder, { ...exampleDeployment({ ...world, slowWallet: key }), chainId: 1 });
    await expect(open(world, file)).rejects.toThrow("names chainId 1, the node is on chain 31337");
    const done = standing();
    writePlan(planPath(done, 31_337), { ...whole.plan, genesis: `0x${"1".repeat(64)}` });
    await expect(run(world, done)).rejects.toThrow("is for chain 31337 with genesis 0x1111");
  });

  test("DEPLOY-07: a watch that names the deployment alerts when it drifts", async () => {
    const file = standing();
    const why = { reason: zeroHash, evidence: `0x${"1".repeat(64)}` } as const;
    const at = addressIn(whole, "timelock");
    await world.send(at, addressIn(whole, "steward"), riskSteward.abi, "setSteward", [key, true, why]);
    const watches = openWatches();
    const config = { rpc: [world.anvil.url], protect: [world.vault], deployment: { file } };
    const source = `import { defineConfig } from "testudo";\nexport default defineConfig(${JSON.stringify(config)});\n`;
    writeFileSync(join(watches.folder, "testudo.config.ts"), source);
    try {
      const watch = watches.start(["watch", "--config", "testudo.config.ts", "--port", "0"]);
      await watch.until(/The deployment has drifted from its file in 1 value: steward: stewards/, 240_000);
      watch.kill("SIGTERM");
      expect(await watch.ended).toBe(0);
    } finally {
      await watches.close();
    }
  });
});
