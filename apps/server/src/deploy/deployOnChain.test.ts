// The whole way on a real chain: deploy, set up, verify; stopped anywhere and gone on with.
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { signTransaction } from "@testudo/chain/act/sendAction";
import { timelock } from "@testudo/contracts";
import type { Hex } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { newKeystore } from "../keystore/newKeystore.ts";
import { openKeystore } from "../keystore/openKeystore.ts";
import { createContracts } from "./createContracts.ts";
import { deployFromFile, prepare } from "./deployFromFile.ts";
import { eachOnFreshState } from "./eachOnFreshState.testkit.ts";
import { encodedOf } from "./encodedOf.testkit.ts";
import { exampleDeployment } from "./example.testkit.ts";
import { openFeeLimit } from "./feeLimit.ts";
import { type Plan, planPath, readPlan, writePlan } from "./Plan.ts";
import { rehearseCreations } from "./rehearseCreations.ts";
import { addressIn, argumentsOf, key, keystore, later, nonceOf, open, run } from "./runs.testkit.ts";
import { password, type World, writeDeployment } from "./world.testkit.ts";

const bin = fileURLToPath(new URL("../../bin/testudo.js", import.meta.url));

// The vault and the steward are armed after the creations.
const arms = 2;

let world: World;
eachOnFreshState((opened) => {
  world = opened;
});

test("behavior: everything is deployed, set up when its time has come, verified, and never done twice", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const first = await run(world, file);
  expect(first.settled.state).toBe("waiting");
  expect(first.verified).toMatchObject({ drift: 0, pending: 14 });
  expect(first.plan.operations).toHaveLength(1);
  const early = await run(world, file);
  expect(early.settled.state).toBe("waiting");
  await later(world, 86_400);
  const due = await run(world, file);
  expect(due.settled.state).toBe("done");
  expect(due.verified.rows.filter(({ verdict }) => verdict !== "as expected")).toEqual([]);
  const height = await world.node.request("eth_blockNumber");
  const again = await run(world, file);
  expect(again.verified).toMatchObject({ drift: 0, pending: 0 });
  expect([await nonceOf(world), await world.node.request("eth_blockNumber")]).toEqual([12 + arms, height]);
  expect(await world.node.request("eth_getBalance", [first.plan.deployer, "latest"])).not.toBe("0x0");
});

test("DEPLOY-04: verify ends with 0 where nothing drifted and settings wait, and says what waits", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  await run(world, file);
  const args = ["deploy", "--chain", world.anvil.url, "--file", file, "--verify"];
  const { code, out } = await new Promise<{ code: number; out: string }>((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, NO_COLOR: "1" } });
    let out = "";
    child.stdout.on("data", (text) => {
      out += text;
    });
    child.once("close", (code) => resolve({ code: code ?? -1, out }));
  });
  expect([code, out.match(/^pending /gm)?.length]).toEqual([0, 14]);
  expect(out).toContain("0 drifted, 14 wait for the timelock.\nNothing drifted: what is marked pending comes with");
});

test("DEPLOY-02: a program that is killed in the middle goes on where it stood", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const plan = planPath(file, 31_337);
  await killWhen(file, () => (readPlan(plan)?.contracts ?? []).filter(({ block }) => block !== undefined).length >= 3);
  const left = readPlan(plan)!.contracts;
  expect(left.filter(({ block }) => block !== undefined).length).toBeLessThan(left.length);
  const { plan: whole, verified } = await run(world, file);
  expect(whole.contracts.map(({ address }) => address)).toEqual(left.map(({ address }) => address));
  expect([await nonceOf(world), verified.drift]).toEqual([left.length + arms, 0]);
});

test("DEPLOY-02: bytes that were stored and sent before a crash are found in the chain, not sent anew", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const { plan } = await run(world, file);
  const path = planPath(file, 31_337);
  // As after a crash between sending and noting the block.
  writePlan(path, { ...plan, contracts: plan.contracts.map(({ block: _, ...contract }) => contract) });
  const again = await run(world, file);
  expect(again.plan.contracts.map(({ block }) => block)).toEqual(plan.contracts.map(({ block }) => block));
  expect(await nonceOf(world)).toBe(plan.contracts.length + arms);
});

test("DEPLOY-02: a run that is told to stop says that the same command goes on, and ends with 130", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const child = spawn(process.execPath, [bin, ...argumentsOf(world, file)], { cwd: dirname(file) });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  while (child.exitCode === null && readPlan(planPath(file, 31_337)) === undefined)
    await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill("SIGINT");
  expect([await ended, said]).toEqual([130, expect.stringContaining("Stopped. The same command goes on")]);
  expect((await run(world, file)).verified.drift).toBe(0);
});

test("DEPLOY-02: bytes are stored before they are sent, and a crash after any sending loses nothing", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const path = planPath(file, 31_337);
  const stored: boolean[] = [];
  for (let crashes = 0; crashes < 3; crashes++) {
    const subject = await open(world, file);
    const { endpoint } = subject.chain;
    const request: typeof endpoint.request = async (method, params, options) => {
      const answer = await endpoint.request(method, params, options);
      if (method !== "eth_sendRawTransaction") return answer;
      const known = readPlan(path)!.contracts.flatMap(({ transactions }) => transactions.map(({ raw }) => raw));
      stored.push(known.includes(params![0] as Hex));
      throw new Error("crash");
    };
    const chain = { ...subject.chain, endpoint: { ...endpoint, request } };
    await expect(deployFromFile({ ...subject, chain }, world.deployer, () => keystore(world))).rejects.toThrow("crash");
  }
  // The second and third run find the first contract in the chain before they send anything of their own.
  expect(stored.every(Boolean)).toBe(true);
  const { plan, verified } = await run(world, file);
  expect([await nonceOf(world), verified.drift]).toEqual([plan.contracts.length + arms, 0]);
});

test("DEPLOY-02: a creation that pays too little by now is signed again for more, under its nonce", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const { plan, blueprint } = await prepare(await open(world, file), world.deployer);
  const fees = { maxFeePerGas: 1n, maxPriorityFeePerGas: 1n };
  const content = { signer: await keystore(world), chainId: 31_337, data: blueprint.codes.get("breaker")!, nonce: 0 };
  const { raw, hash } = await signTransaction({ ...content, gas: 8_000_000n, fees });
  const cheap = { raw, hash, gas: "8000000", maxFeePerGas: "1", maxPriorityFeePerGas: "1" };
  const [breaker, ...others] = plan.contracts;
  writePlan(planPath(file, 31_337), { ...plan, contracts: [{ ...breaker!, transactions: [cheap] }, ...others] });
  const done = await run(world, file);
  expect(done.plan.contracts[0]!.transactions).toHaveLength(2);
  expect([await nonceOf(world), done.verified.drift]).toEqual([plan.contracts.length + arms, 0]);
});

test("DEPLOY-02: what a refused creation complains of is corrected in the file, and the next run goes on", async () => {
  const config = exampleDeployment({ ...world, slowWallet: key });
  const file = writeDeployment(world.folder, config);
  // No feed: it has no decimals, which the adapter's constructor asks for.
  config.oracle.adapters.first.feed = world.vault;
  const wrong = writeDeployment(world.folder, config);
  await createFrom(wrong, "adapter first cannot be created: ");
  const begun = await nonceOf(world);
  expect(begun).toBeGreaterThan(0);
  const other = exampleDeployment({ ...world, slowWallet: key });
  other.council.guardians[0] = `0x${"4".repeat(40)}`;
  copyFileSync(writeDeployment(world.folder, other), wrong);
  await expect(run(world, wrong)).rejects.toThrow("asks for another council than the plan");
  expect(await nonceOf(world)).toBe(begun);
  copyFileSync(file, wrong);
  const { plan, verified } = await run(world, wrong);
  expect([await nonceOf(world), verified.drift]).toEqual([plan.contracts.length + arms, 0]);
  // The plan holds what was created: the same file is the same deployment.
  expect((await run(world, wrong)).verified.drift).toBe(0);
});

test("error: a deployer who cannot pay for all of it is told how much it takes, before anything is sent", async () => {
  await world.node.request("anvil_setBalance", [world.deployer, "0x2386f26fc10000"]);
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  await expect(run(world, file)).rejects.toThrow(/has 0\.01 ether to pay with\.\n- It takes up to 0\.\d+ ether/);
  expect([await nonceOf(world), existsSync(planPath(file, 31_337))]).toEqual([0, false]);
});

test("error: a plan whose address is not what the deployer creates is refused", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const { plan, path } = await prepare(await open(world, file), world.deployer);
  const [breaker, ...others] = plan.contracts;
  writePlan(path, { ...plan, contracts: [{ ...breaker!, address: world.market }, ...others] });
  await expect(run(world, file)).rejects.toThrow("breaker is not what");
});

// As where the chain changed between the rehearsal and the creation.
async function createFrom(file: string, complaint: string): Promise<void> {
  const { chain } = await open(world, file);
  const { plan, blueprint, path } = await prepare(await open(world, file), world.deployer);
  const save = (next: Plan) => writePlan(path, next);
  const creating = {
    chain,
    signer: await keystore(world),
    codes: blueprint.codes,
    save,
    say: () => {},
    fees: openFeeLimit(),
  };
  await expect(createContracts(plan, creating)).rejects.toThrow(complaint);
}

test("DEPLOY-01: a constructor that would revert is told before anything is sent", async () => {
  const config = exampleDeployment({ ...world, slowWallet: key });
  config.oracle.adapters.first.feed = world.vault;
  const file = writeDeployment(world.folder, config);
  await expect(run(world, file)).rejects.toThrow("On a copy of the chain, this fails: adapter first: ");
  expect([await nonceOf(world), existsSync(planPath(file, 31_337))]).toEqual([0, false]);
});

test("error: a nonce that something else used is told before anything is sent to a wrong address", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const subject = await open(world, file);
  const { plan } = await prepare(subject, world.deployer);
  writePlan(planPath(file, 31_337), plan);
  await world.node.request("anvil_impersonateAccount", [world.deployer]);
  await world.node.request("eth_sendTransactionSync", [{ from: world.deployer, to: world.token, value: "0x0" }]);
  await world.node.request("anvil_stopImpersonatingAccount", [world.deployer]);
  await expect(run(world, file)).rejects.toThrow(
    "breaker was planned for nonce 0 of the deployer, whose next nonce is 1",
  );
  expect(readPlan(planPath(file, 31_337))!.contracts[0]!.transactions).toEqual([]);
});

test("DEPLOY-03: a setting that guardians vetoed is told, and not proposed again", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const first = await run(world, file);
  const council = addressIn(first, "council");
  const [operation] = first.plan.operations;
  await world.send(council, addressIn(first, "timelock"), timelock.abi, "cancel", [operation!.id]);
  const next = await run(world, file);
  expect([next.settled.state, next.verified.drift, next.verified.pending]).toEqual(["vetoed", 14, 0]);
  await later(world, 86_400);
  expect((await run(world, file)).verified.drift).toBe(14);
});

test("DEPLOY-03: where the slow wallet is a Safe, its owners get a file to sign, first to propose and then to execute", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: world.safe }));
  const { settled, plan, verified } = await run(world, file);
  expect(settled.state).toBe("proposed");
  expect(verified).toMatchObject({ drift: 0, pending: 14 });
  const batch = JSON.parse(readFileSync(settled.safeFile!, "utf8"));
  const at = plan.contracts.find(({ name }) => name === "timelock")!.address;
  expect(batch).toMatchObject({
    chainId: "31337",
    transactions: [{ to: at, value: "0", data: null, contractMethod: { name: "scheduleBatch", payable: false } }],
  });
  const sendAsSafe = async (data: Hex) => {
    await world.node.request("anvil_impersonateAccount", [world.safe]);
    await world.node.request("anvil_setBalance", [world.safe, "0x8ac7230489e80000"]);
    await world.node.request("eth_sendTransactionSync", [{ from: world.safe, to: at, data, gas: "0xf00000" }]);
  };
  await sendAsSafe(encodedOf(batch.transactions[0]));
  expect((await run(world, file)).settled.state).toBe("waiting");
  await later(world, 86_400);
  const ready = await run(world, file);
  expect(ready.settled.state).toBe("ready");
  await sendAsSafe(encodedOf(JSON.parse(readFileSync(ready.settled.safeFile!, "utf8")).transactions[0]));
  const done = await run(world, file);
  expect([done.settled.state, done.verified.drift, done.verified.pending]).toEqual(["done", 0, 0]);
});

test("DEPLOY-05: a dry run tells addresses and gas, and sends and writes nothing", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const subject = await open(world, file);
  const prepared = await prepare(subject, world.deployer);
  const gas = await rehearseCreations(subject.chain, prepared);
  expect(gas.byContract).toHaveLength(prepared.plan.contracts.length + 2);
  expect([await nonceOf(world), existsSync(planPath(file, 31_337))]).toEqual([0, false]);
  const { plan } = await run(world, file);
  expect(plan.contracts.map(({ address }) => address)).toEqual(prepared.plan.contracts.map(({ address }) => address));
});

test("DEPLOY-05: a setting that would revert is told by the dry run", async () => {
  const config = exampleDeployment({ ...world, slowWallet: key });
  config.oracle.markets[0]!.floorWad = 10n ** 30n;
  const subject = await open(world, writeDeployment(world.folder, config));
  const prepared = await prepare(subject, world.deployer);
  await expect(rehearseCreations(subject.chain, prepared)).rejects.toThrow("the rules of market ETH/USD: ");
});

async function killWhen(file: string, isTime: () => boolean): Promise<void> {
  const child = spawn(process.execPath, [bin, ...argumentsOf(world, file)], { cwd: dirname(file), stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  while (child.exitCode === null && !isTime()) await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill("SIGKILL");
  await ended;
}

test("DEPLOY-03: an executor with a key of its own executes what is due", async () => {
  const path = join(world.folder, "executor.json");
  const executor = await newKeystore(path, password, { n: 1_024, r: 8, p: 1 });
  await world.node.request("anvil_setBalance", [executor, "0x56bc75e2d63100000"]);
  const config = exampleDeployment({ ...world, slowWallet: key });
  const file = writeDeployment(world.folder, { ...config, timelock: { ...config.timelock, executors: [executor] } });
  expect((await run(world, file)).settled.state).toBe("waiting");
  await later(world, 86_400);
  const done = await deployFromFile(await open(world, file), executor, () => openKeystore(path, password));
  expect([done.settled.state, done.verified.drift, done.verified.pending]).toEqual(["done", 0, 0]);
});

test("error: a second run at the same time is refused", async () => {
  const file = writeDeployment(world.folder, exampleDeployment({ ...world, slowWallet: key }));
  const both = await Promise.allSettled([run(world, file), run(world, file)]);
  const refused = both.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
  expect(refused).toHaveLength(1);
  expect(refused[0]).toContain(`The plan "${planPath(file, 31_337)}" is in use by process ${process.pid}.`);
  expect(await nonceOf(world)).toBe(12 + arms);
});
