// The whole way on a real chain: deploy, set up, verify, drift; stopped anywhere and gone on with.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { signTransaction } from "@testudo/chain/sendAction";
import { flowLimiter, riskSteward, timelock } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { encodeFunctionData, parseAbi, zeroHash } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openWatches } from "../cli/watchProcess.testkit.ts";
import { newKeystore } from "../keystore/newKeystore.ts";
import { openKeystore } from "../keystore/openKeystore.ts";
import { deployFromFile, type Outcome, prepare, prepareVerify, type Subject } from "./deployFromFile.ts";
import { exampleDeployment, steward } from "./example.testkit.ts";
import { inspect } from "./inspect.ts";
import { loadDeployment } from "./loadDeployment.ts";
import { roles } from "./modules/timelock.ts";
import { openChain } from "./openChain.ts";
import { planPath, readPlan, writePlan } from "./Plan.ts";
import { rehearseCreations } from "./rehearseCreations.ts";
import { verify } from "./verify.ts";
import { freshPrices, openWorld, password, type World, writeDeployment } from "./world.testkit.ts";

const bin = fileURLToPath(new URL("../../bin/testudo.js", import.meta.url));
const key = `0x${"9".repeat(40)}` as const;

let world: World;
let snapshot: unknown;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  snapshot = await world.node.request("evm_snapshot");
});
afterEach(async () => {
  await world.node.request("evm_revert", [snapshot]);
});

async function open(file: string, said: string[] = []): Promise<Subject> {
  const loaded = await loadDeployment(file);
  const chain = await openChain(world.anvil.url, loaded.deployment.chainId, loaded.placeOf([]));
  return { loaded, chain, say: (line) => said.push(line) };
}

const keystore = () => openKeystore(join(world.folder, "deployer.json"), password);
const run = async (file: string): Promise<Outcome> => deployFromFile(await open(file), world.deployer, keystore);
const check = async (file: string) => {
  const subject = await open(file);
  return verify(subject.chain, await prepareVerify(subject));
};

async function later(seconds: number): Promise<void> {
  await world.node.request("evm_increaseTime", [seconds]);
  await world.node.request("evm_mine");
  await freshPrices(world);
}

async function nonce(): Promise<number> {
  return Number(await world.node.request("eth_getTransactionCount", [world.deployer, "latest"]));
}

// Deployed once, with all its settings in force; each test that begins with `standing` gets a file and a plan of its own.
let whole: Outcome;

function standing(config: unknown = exampleDeployment({ ...world, slowWallet: key })): string {
  const file = writeDeployment(world.folder, config);
  writePlan(planPath(file, 31_337), whole.plan);
  return file;
}

const addressIn = ({ plan }: Outcome, contract: string) =>
  plan.contracts.find(({ name }) => name === contract)!.address;

/** Has the timelock make one call, as the slow wallet does it: propose, wait, execute. */
async function throughTimelock(to: Address, data: Hex): Promise<void> {
  const at = addressIn(whole, "timelock");
  const call = [to, 0n, data, zeroHash, zeroHash] as const;
  await world.send(key, at, timelock.abi, "schedule", [...call, 172_800n]);
  await later(172_800);
  await world.send(key, at, timelock.abi, "execute", [...call]);
}

test("behavior: everything is deployed, set up when its time has come, verified, and never done twice", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const first = await run(file);
  expect(first.settled.state).toBe("waiting");
  expect(first.verified).toMatchObject({ drift: 0, pending: 14 });
  expect(first.plan.operations).toHaveLength(1);
  const early = await run(file);
  expect(early.settled.state).toBe("waiting");
  await later(86_400);
  const due = await run(file);
  expect(due.settled.state).toBe("done");
  expect(due.verified.rows.filter(({ verdict }) => verdict !== "as expected")).toEqual([]);
  const height = await world.node.request("eth_blockNumber");
  const again = await run(file);
  expect(again.verified).toMatchObject({ drift: 0, pending: 0 });
  expect([await nonce(), await world.node.request("eth_blockNumber")]).toEqual([12, height]);
  expect(await world.node.request("eth_getBalance", [first.plan.deployer, "latest"])).not.toBe("0x0");
});

test("DEPLOY-02: a program that is killed in the middle goes on where it stood", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const plan = planPath(file, 31_337);
  await killWhen(file, () => (readPlan(plan)?.contracts ?? []).filter(({ block }) => block !== undefined).length >= 3);
  const left = readPlan(plan)!.contracts;
  expect(left.filter(({ block }) => block !== undefined).length).toBeLessThan(left.length);
  const { plan: whole, verified } = await run(file);
  expect(whole.contracts.map(({ address }) => address)).toEqual(left.map(({ address }) => address));
  expect([await nonce(), verified.drift]).toEqual([left.length, 0]);
});

test("DEPLOY-02: bytes that were stored and sent before a crash are found in the chain, not sent anew", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const { plan } = await run(file);
  const path = planPath(file, 31_337);
  // As after a crash between sending and noting the block.
  writePlan(path, { ...plan, contracts: plan.contracts.map(({ block: _, ...contract }) => contract) });
  const again = await run(file);
  expect(again.plan.contracts.map(({ block }) => block)).toEqual(plan.contracts.map(({ block }) => block));
  expect(await nonce()).toBe(plan.contracts.length);
});

test("DEPLOY-02: bytes are stored before they are sent, and a crash after any sending loses nothing", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const path = planPath(file, 31_337);
  const stored: boolean[] = [];
  for (let crashes = 0; crashes < 3; crashes++) {
    const subject = await open(file);
    const { endpoint } = subject.chain;
    const request: typeof endpoint.request = async (method, params, options) => {
      const answer = await endpoint.request(method, params, options);
      if (method !== "eth_sendRawTransaction") return answer;
      const known = readPlan(path)!.contracts.flatMap(({ transactions }) => transactions.map(({ raw }) => raw));
      stored.push(known.includes(params![0] as Hex));
      throw new Error("crash");
    };
    const chain = { ...subject.chain, endpoint: { ...endpoint, request } };
    await expect(deployFromFile({ ...subject, chain }, world.deployer, keystore)).rejects.toThrow("crash");
  }
  // The second and third run find the first contract in the chain before they send anything of their own.
  expect(stored.every(Boolean)).toBe(true);
  const { plan, verified } = await run(file);
  expect([await nonce(), verified.drift]).toEqual([plan.contracts.length, 0]);
});

test("DEPLOY-02: a creation that pays too little by now is signed again for more, under its nonce", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const { plan, blueprint } = await prepare(await open(file), world.deployer);
  const fees = { maxFeePerGas: 1n, maxPriorityFeePerGas: 1n };
  const content = { signer: await keystore(), chainId: 31_337, data: blueprint.codes.get("breaker")!, nonce: 0 };
  const { raw, hash } = await signTransaction({ ...content, gas: 8_000_000n, fees });
  const cheap = { raw, hash, gas: "8000000", maxFeePerGas: "1", maxPriorityFeePerGas: "1" };
  const [breaker, ...others] = plan.contracts;
  writePlan(planPath(file, 31_337), { ...plan, contracts: [{ ...breaker!, transactions: [cheap] }, ...others] });
  const done = await run(file);
  expect(done.plan.contracts[0]!.transactions).toHaveLength(2);
  expect([await nonce(), done.verified.drift]).toEqual([plan.contracts.length, 0]);
});

test("error: a nonce that something else used is told before anything is sent to a wrong address", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const subject = await open(file);
  const { plan } = await prepare(subject, world.deployer);
  writePlan(planPath(file, 31_337), plan);
  await world.node.request("anvil_impersonateAccount", [world.deployer]);
  await world.node.request("eth_sendTransaction", [{ from: world.deployer, to: world.token, value: "0x0" }]);
  await world.node.request("anvil_stopImpersonatingAccount", [world.deployer]);
  await expect(run(file)).rejects.toThrow("breaker was planned for nonce 0 of the deployer, whose next nonce is 1");
  expect(readPlan(planPath(file, 31_337))!.contracts[0]!.transactions).toEqual([]);
});

test("DEPLOY-03: a setting that guardians vetoed is told, and not proposed again", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const first = await run(file);
  const council = addressIn(first, "council");
  const [operation] = first.plan.operations;
  await world.send(council, addressIn(first, "timelock"), timelock.abi, "cancel", [operation!.id]);
  const next = await run(file);
  expect([next.settled.state, next.verified.drift, next.verified.pending]).toEqual(["vetoed", 14, 0]);
  await later(86_400);
  expect((await run(file)).verified.drift).toBe(14);
});

test("DEPLOY-03: where the slow wallet is a Safe, its owners get a file to sign, first to propose and then to execute", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: world.safe }));
  const { settled, plan, verified } = await run(file);
  expect(settled.state).toBe("proposed");
  expect(verified).toMatchObject({ drift: 0, pending: 14 });
  const batch = JSON.parse(readFileSync(settled.safeFile!, "utf8"));
  const at = plan.contracts.find(({ name }) => name === "timelock")!.address;
  expect(batch).toMatchObject({ chainId: "31337", transactions: [{ to: at, value: "0" }] });
  const sendAsSafe = async (data: Hex) => {
    await world.node.request("anvil_impersonateAccount", [world.safe]);
    await world.node.request("anvil_setBalance", [world.safe, "0x8ac7230489e80000"]);
    await world.node.request("eth_sendTransaction", [{ from: world.safe, to: at, data, gas: "0xf00000" }]);
  };
  await sendAsSafe(batch.transactions[0].data);
  expect((await run(file)).settled.state).toBe("waiting");
  await later(86_400);
  const ready = await run(file);
  expect(ready.settled.state).toBe("ready");
  await sendAsSafe(JSON.parse(readFileSync(ready.settled.safeFile!, "utf8")).transactions[0].data);
  const done = await run(file);
  expect([done.settled.state, done.verified.drift, done.verified.pending]).toEqual(["done", 0, 0]);
});

test("DEPLOY-05: a dry run tells addresses and gas, and sends and writes nothing", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const subject = await open(file);
  const prepared = await prepare(subject, world.deployer);
  const gas = await rehearseCreations(subject.chain, prepared);
  expect(gas.byContract).toHaveLength(prepared.plan.contracts.length + 1);
  expect([await nonce(), existsSync(planPath(file, 31_337))]).toEqual([0, false]);
  const { plan } = await run(file);
  expect(plan.contracts.map(({ address }) => address)).toEqual(prepared.plan.contracts.map(({ address }) => address));
});

test("DEPLOY-05: a setting that would revert is told by the dry run", async () => {
  const config = exampleDeployment({ ...world, slowWallet: key });
  config.oracle.markets[0]!.floorWad = 10n ** 30n;
  const subject = await open(writeDeployment(world.folder, config));
  const prepared = await prepare(subject, world.deployer);
  await expect(rehearseCreations(subject.chain, prepared)).rejects.toThrow("the rules of market ETH/USD: ");
});

type Config = ReturnType<typeof exampleDeployment>;

test.each<readonly [string, (config: Config) => void, string]>([
  [
    "a target without code",
    (c) => {
      c.protect[0]!.address = `0x${"4".repeat(40)}`;
    },
    "has no code",
  ],
  [
    "a function that is not there",
    (c) => {
      c.protect[0]!.guarded.push("drain(uint256)");
    },
    'no function "drain(uint256)"',
  ],
  [
    "a target that obeys nobody",
    (c) => {
      c.protect[0]!.address = world.token;
    },
    "answers no selectorBreaker()",
  ],
  [
    "a feed without code",
    (c) => {
      c.oracle.adapters.first.feed = `0x${"4".repeat(40)}`;
    },
    "has no code",
  ],
  [
    "a handler without code",
    (c) => {
      c.latency.kinds[0]!.handler = `0x${"4".repeat(40)}`;
    },
    "has no code",
  ],
  [
    "an asset without code",
    (c) => {
      c.flow[0]!.limits[0]!.asset = `0x${"4".repeat(40)}`;
    },
    "has no code",
  ],
  [
    "a model without code",
    (c) => {
      c.steward.invariants[0]!.model = `0x${"4".repeat(40)}`;
    },
    "has no code",
  ],
  [
    "the deployer as a guardian",
    (c) => {
      c.council.guardians[0] = world.deployer as never;
    },
    "is the deployer",
  ],
  [
    "the deployer as the steward",
    (c) => {
      c.steward.stewards[0] = world.deployer as never;
    },
    "is the deployer",
  ],
  [
    "the deployer as an executor",
    (c) => {
      Object.assign(c.timelock, { executors: [world.deployer] });
    },
    "is the deployer",
  ],
  [
    "the deployer as the slow wallet",
    (c) => {
      c.slowWallet = world.deployer;
    },
    "is the deployer",
  ],
  [
    "a wallet that needs too few",
    (c) => {
      c.council.guardians.push(`0x${"8".repeat(40)}` as never);
      c.council.m3 = 4;
    },
    "needs 3 signatures",
  ],
  [
    "a contract for a wallet that is no Safe",
    (c) => {
      c.slowWallet = world.token;
    },
    "tells no threshold",
  ],
])("error: %s is refused before anything is sent", async (_, change, text) => {
  const config = exampleDeployment({ ...world, slowWallet: world.safe });
  change(config);
  await expect(run(writeDeployment(world.folder, config))).rejects.toThrow(text);
  expect(await nonce()).toBe(0);
});

test.each<readonly [string, (config: Config) => void, string]>([
  [
    "a key for a Safe",
    (c) => {
      c.slowWallet = key;
    },
    "it is a single key",
  ],
  [
    "a delay of an hour",
    (c) => {
      c.timelock.delaySeconds = 3_600;
    },
    "Allowed: 86400 (24 h) or more",
  ],
])("error: %s is refused off a development chain", async (_, change, text) => {
  const config = exampleDeployment({ ...world, slowWallet: world.safe });
  change(config);
  const subject = await open(writeDeployment(world.folder, config));
  const { plan, blueprint } = await prepare(subject, world.deployer);
  const look = (isDevelopment: boolean) =>
    inspect({
      chain: { ...subject.chain, isDevelopment },
      deployment: subject.loaded.deployment,
      deployer: plan.deployer,
      addressOf: blueprint.addressOf,
      placeOf: subject.loaded.placeOf,
    });
  expect(await look(true)).toEqual([]);
  const [mistake] = await look(false);
  expect(`${mistake?.what} ${mistake?.allowed}`).toContain(text);
});

async function killWhen(file: string, isTime: () => boolean): Promise<void> {
  const child = spawn(process.execPath, [bin, ...argumentsOf(file)], { cwd: dirname(file), stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  while (child.exitCode === null && !isTime()) await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill("SIGKILL");
  await ended;
}

function argumentsOf(file: string, ...more: readonly string[]): string[] {
  const keys = ["--keystore", join(world.folder, "deployer.json"), "--password-file", join(world.folder, "password")];
  return ["deploy", "--chain", world.anvil.url, "--file", file, ...keys, ...more];
}

function runCommand(
  file: string,
  ...more: readonly string[]
): Promise<{ readonly code: number; readonly out: string }> {
  const child = spawn(process.execPath, [bin, ...argumentsOf(file, ...more)], { cwd: dirname(file) });
  let out = "";
  child.stdout.on("data", (text) => {
    out += text;
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve({ code: code ?? -1, out })));
}

test("DEPLOY-03: an executor with a key of its own executes what is due", async () => {
  const path = join(world.folder, "executor.json");
  const executor = await newKeystore(path, password, { n: 1_024, r: 8, p: 1 });
  await world.node.request("anvil_setBalance", [executor, "0x56bc75e2d63100000"]);
  const config = exampleDeployment({ ...world, slowWallet: key });
  const file = writeDeployment(world.folder, { ...config, timelock: { ...config.timelock, executors: [executor] } });
  expect((await run(file)).settled.state).toBe("waiting");
  await later(86_400);
  const done = await deployFromFile(await open(file), executor, () => openKeystore(path, password));
  expect([done.settled.state, done.verified.drift, done.verified.pending]).toEqual(["done", 0, 0]);
});

test("error: a cap above all that the contract holds is refused", async () => {
  const config = exampleDeployment({ ...world, slowWallet: key });
  const mint = parseAbi(["function mint(address, uint256)"]);
  await world.send(key, world.token, mint, "mint", [world.vault, config.flow[0]!.limits[0]!.capAbs - 1n]);
  await expect(run(writeDeployment(world.folder, config))).rejects.toThrow("Above 100 % of what there is");
  await world.send(key, world.token, mint, "mint", [world.vault, 1n]);
  const file = writeDeployment(world.folder, config);
  expect((await run(file)).verified.drift).toBe(0);
  const transfer = parseAbi(["function transfer(address, uint256)"]);
  await world.send(world.vault, world.token, transfer, "transfer", [key, 1n]);
  // What was below when it was deployed holds up nothing later.
  expect((await run(file)).settled.state).toBe("waiting");
});

test("error: a second run at the same time is refused", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const both = await Promise.allSettled([run(file), run(file)]);
  const refused = both.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
  expect(refused).toHaveLength(1);
  expect(refused[0]).toContain("in use");
  expect(await nonce()).toBe(12);
});

describe("a deployment that stands", () => {
  let fresh: unknown;
  beforeAll(async () => {
    fresh = await world.node.request("evm_snapshot");
    const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
    await run(file);
    await later(86_400);
    whole = await run(file);
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
    await throughTimelock(limiter, data);
    const at = addressIn(whole, "timelock");
    await world.send(at, addressIn(whole, "steward"), riskSteward.abi, "setSteward", [key, true, why]);
    await world.send(at, at, timelock.abi, "grantRole", [roles.proposer, world.handler]);
    const { rows, drift } = await check(file);
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
    const again = await run(file);
    expect(again.verified.drift).toBe(3);
    expect(again.plan.operations).toHaveLength(1);
    const ended = await runCommand(file, "--verify", "--json");
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.out).verified.drift).toBe(3);
  });

  test("error: a file that asks for another contract than the one that stands is refused", async () => {
    const file = standing();
    const config = exampleDeployment({ ...world, slowWallet: key });
    config.council.guardians[0] = `0x${"4".repeat(40)}` as never;
    const changed = standing(config);
    await expect(run(changed)).rejects.toThrow("asks for another council than the plan");
    const differing = (await check(changed)).rows.filter(({ isAsExpected }) => !isAsExpected);
    expect(differing.map(({ module, field, verdict }) => `${verdict} ${module}: ${field}`)).toEqual([
      "drift council: guardians",
    ]);
    expect((await check(file)).drift).toBe(0);
  });

  test("behavior: a module that the plan does not have, or the file no longer, is named as drift", async () => {
    const { margin: _, ...without } = exampleDeployment({ ...world, slowWallet: key });
    const fewer = standing(without);
    const named = async (file: string) =>
      (await check(file)).rows
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
    const next = await run(changed);
    expect(next.plan.operations[1]!.calls.map(({ what }) => what)).toEqual(["fund: market ETH/USD may take 30 %"]);
    expect(next.verified).toMatchObject({ drift: 0, pending: 1 });
    await later(86_400);
    expect((await run(changed)).verified).toMatchObject({ drift: 0, pending: 0 });
  });

  test("error: a node of another chain, and a plan of a chain that was started anew, are refused", async () => {
    const file = writeDeployment(world.folder, { ...exampleDeployment({ ...world, slowWallet: key }), chainId: 1 });
    await expect(open(file)).rejects.toThrow("names chainId 1, the node is on chain 31337");
    const done = standing();
    writePlan(planPath(done, 31_337), { ...whole.plan, genesis: `0x${"1".repeat(64)}` });
    await expect(run(done)).rejects.toThrow("is for chain 31337 with genesis 0x1111");
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
      await watch.until(/The deployment has drifted from its file in 1 values: steward: stewards/, 240_000);
      watch.kill("SIGTERM");
      expect(await watch.ended).toBe(0);
    } finally {
      await watches.close();
    }
  });
});
