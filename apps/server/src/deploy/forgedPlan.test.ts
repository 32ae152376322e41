// A plan that somebody else has written to: nothing of it is signed, sent or believed that follows neither from the file
// nor from the chain.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { signTransaction } from "@testudo/chain/act/sendAction";
import { timelock } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { zeroHash } from "viem";
import { encodeFunctionData } from "viem/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newKeystore } from "../keystore/newKeystore.ts";
import { openKeystore } from "../keystore/openKeystore.ts";
import { deployFromFile, type Outcome, prepare } from "./deployFromFile.ts";
import { eachOnFreshState } from "./eachOnFreshState.testkit.ts";
import { encodedOf } from "./encodedOf.testkit.ts";
import { exampleDeployment } from "./example.testkit.ts";
import { roles } from "./modules/timelock.ts";
import { idOf } from "./operationId.ts";
import { type Operation, type Plan, planAddresses, planPath, writePlan } from "./Plan.ts";
import { addressIn, check, keystore, nonceOf, open, run } from "./runs.testkit.ts";
import { password, type World, writeDeployment } from "./world.testkit.ts";

const thief: Address = `0x${"bad0".repeat(10)}`;
const maxFee = 10n ** 18n;

let world: World;
eachOnFreshState((opened) => {
  world = opened;
});

const config = () => exampleDeployment({ ...world, slowWallet: world.safe });
const newFile = () => writeDeployment(world.folder, config());

function planned(change: (plan: Plan) => Plan, of: Plan): string {
  const file = newFile();
  writePlan(planPath(file, 31_337), change(of));
  return file;
}

const safeFilesOf = (file: string) => readdirSync(dirname(file)).filter((name) => name.endsWith(".safe.json"));

async function asSafe(to: Address, data: Hex): Promise<void> {
  await world.node.request("anvil_impersonateAccount", [world.safe]);
  await world.node.request("anvil_setBalance", [world.safe, "0x8ac7230489e80000"]);
  await world.node.request("eth_sendTransactionSync", [{ from: world.safe, to, data, gas: "0xf00000" }]);
}

async function driftOf(file: string): Promise<readonly string[]> {
  const { rows } = await check(world, file);
  return rows
    .filter(({ verdict }) => verdict === "drift")
    .map(({ module, field, found }) => `${module}: ${field}: ${found}`);
}

describe("a plan whose settings wait for a Safe", () => {
  let whole: Outcome;
  let proposed: Record<string, never>;
  let fresh: unknown;
  beforeAll(async () => {
    fresh = await world.node.request("evm_snapshot");
    const file = newFile();
    whole = await run(world, file);
    proposed = JSON.parse(readFileSync(whole.settled.safeFile!, "utf8"));
  });
  afterAll(() => world.node.request("evm_revert", [fresh]));

  // The first operation with `change`, its id right again.
  const forged = (change: (operation: Operation) => Operation) => (plan: Plan) => {
    const [first, ...others] = plan.operations;
    const next = change(first!);
    return { ...plan, operations: [{ ...next, id: idOf(next) }, ...others] };
  };
  const grant = (): Operation["calls"][number] => {
    const data = encodeFunctionData({ abi: timelock.abi, functionName: "grantRole", args: [roles.proposer, thief] });
    return { what: whole.plan.operations[0]!.calls[0]!.what, to: addressIn(whole, "timelock"), data };
  };
  const withGrant = () => forged((operation) => ({ ...operation, calls: [...operation.calls, grant()] }));

  test("DEPLOY-13: a call that the file does not ask for is refused, and no Safe gets a file with it", async () => {
    const file = planned(withGrant(), whole.plan);
    const said = `no setting of the file is timelock.grantRole(${roles.proposer}, ${thief})`;
    await expect(run(world, file)).rejects.toThrow(said);
    expect(safeFilesOf(file)).toEqual([]);
    expect(await driftOf(file)).toContainEqual(expect.stringContaining(said));
  });

  test("DEPLOY-13: once scheduled it is named in words of the chain, for as long as it could be executed", async () => {
    const file = planned(withGrant(), whole.plan);
    const operation = { ...whole.plan.operations[0]!, calls: [...whole.plan.operations[0]!.calls, grant()] };
    const args = [
      operation.calls.map(({ to }) => to),
      operation.calls.map(() => 0n),
      operation.calls.map(({ data }) => data),
      operation.predecessor,
      operation.salt,
      86_400n,
    ] as const;
    const data = encodeFunctionData({ abi: timelock.abi, functionName: "scheduleBatch", args });
    await asSafe(addressIn(whole, "timelock"), data);
    const waiting = expect.stringMatching(
      new RegExp(`operation ${idOf(operation)}: waits: .*timelock\\.grantRole\\(${roles.proposer}, ${thief}\\)`),
    );
    expect(await driftOf(file)).toContainEqual(waiting);
    await world.node.request("evm_increaseTime", [86_400]);
    await world.node.request("evm_mine");
    expect(await driftOf(file)).toContainEqual(waiting);
  });

  test("DEPLOY-13: words and delay of the plan are not taken over: the Safe's file is the same", async () => {
    const operations = whole.plan.operations.map((operation) => ({
      ...operation,
      delaySeconds: 2_000_000_000,
      calls: operation.calls.map((call) => ({ ...call, what: "something harmless" })),
    }));
    const file = planned((plan) => ({ ...plan, operations }), whole.plan);
    const { settled } = await run(world, file);
    expect(JSON.parse(readFileSync(settled.safeFile!, "utf8"))).toEqual(proposed);
  });

  test.each<[string, (plan: Plan) => Plan, string]>([
    [
      "another salt",
      forged((operation) => ({ ...operation, salt: zeroHash })),
      "its salt does not follow from the file",
    ],
    [
      "a setting twice",
      forged((operation) => ({ ...operation, calls: [...operation.calls, operation.calls[0]!] })),
      "no setting of the file is ",
    ],
    [
      "another predecessor",
      forged((operation) => ({ ...operation, predecessor: roles.proposer })),
      "it follows another than the one before it",
    ],
    [
      "an id that is not its own",
      (plan) => ({ ...plan, operations: plan.operations.map((item) => ({ ...item, id: roles.proposer })) }),
      "its id is not the hash of its calls",
    ],
    [
      "a former file that nobody had",
      (plan) => ({ ...plan, operations: plan.operations.map((item) => ({ ...item, fileHash: roles.proposer })) }),
      "its salt does not follow from the file",
    ],
  ])("DEPLOY-13: an operation with %s is refused, and is drift", async (_, change, why) => {
    const file = planned(change, whole.plan);
    await expect(run(world, file)).rejects.toThrow(why);
    expect(await driftOf(file)).toContainEqual(expect.stringContaining(why));
  });

  test("DEPLOY-13: without the block of its timelock a plan hides no operation that waits", async () => {
    const at = addressIn(whole, "timelock");
    const data = encodeFunctionData({ abi: timelock.abi, functionName: "updateDelay", args: [0n] });
    await world.send(world.safe, at, timelock.abi, "schedule", [at, 0n, data, zeroHash, zeroHash, 86_400n]);
    const head = Number(await world.node.request("eth_blockNumber"));
    const waits = expect.stringContaining("waits: timelock.updateDelay(0)");
    const contracts = whole.plan.contracts.map(({ block: _, ...contract }) => contract);
    expect(await driftOf(planned((plan) => ({ ...plan, contracts }), whole.plan))).toContainEqual(waits);
    const late = whole.plan.contracts.map((contract) => ({ ...contract, block: head + 1 }));
    expect(await driftOf(planned((plan) => ({ ...plan, contracts: late }), whole.plan))).toContainEqual(waits);
  });

  test("DEPLOY-13: a creation is found in its block where the node has forgotten the hash, and missed where there is none", async () => {
    const without = (block?: number) =>
      whole.plan.contracts.map(({ block: own, ...contract }) => ({
        ...contract,
        transactions: [],
        ...(block === undefined ? { block: own! } : { block }),
      }));
    expect(await driftOf(planned((plan) => ({ ...plan, contracts: without() }), whole.plan))).toEqual([]);
    const missed = await driftOf(planned((plan) => ({ ...plan, contracts: without(0) }), whole.plan));
    expect(missed).toHaveLength(whole.plan.contracts.length);
    expect(missed[0]).toContain(`the node knows no transaction with nonce 0 of ${world.deployer} for it`);
  });

  test("DEPLOY-13: a stranger's contracts that a plan names in the place of ours are refused, and are drift", async () => {
    const [owner] = (await world.node.request("eth_accounts")) as [Address];
    const first = Number(await world.node.request("eth_getTransactionCount", [owner, "latest"]));
    const at = planAddresses(
      whole.plan.contracts.map(({ name }) => name),
      owner,
      first,
    );
    // All of them answer 3 to everything.
    const data = "0x600a600c600039600a6000f3600360005260206000f3";
    const hashes: Hex[] = [];
    for (const _ of at) {
      const receipt = await world.node.request("eth_sendTransactionSync", [{ from: owner, data }]);
      hashes.push((receipt as { transactionHash: Hex }).transactionHash);
    }
    const block = Number(await world.node.request("eth_blockNumber"));
    const contracts = whole.plan.contracts.map((contract, i) => {
      const transactions = contract.transactions.map((item) => ({ ...item, hash: hashes[i]! }));
      return { ...contract, ...at[i]!, block, transactions };
    });
    const strange = (plan: Plan) => ({
      ...plan,
      deployer: owner,
      contracts,
      operations: [],
      decidedFor: "0x" as const,
    });
    await expect(run(world, planned(strange, whole.plan))).rejects.toThrow(
      `was made for the deployer ${owner}; this key is ${world.deployer}`,
    );
    const named = await driftOf(planned(strange, whole.plan));
    expect(named).toContain("plan: timelock: it was created from another code than this version has for it");
    // With the stranger's own transactions, and nobody's key in the way.
    const bare = (plan: Plan) => ({
      ...strange(plan),
      contracts: contracts.map((item) => ({ ...item, transactions: [] })),
    });
    const file = planned(bare, whole.plan);
    await expect(prepare(await open(world, file), undefined)).rejects.toThrow("is not this file's");
  });

  test("DEPLOY-13: where all stands, a key that is neither the deployer's nor an executor's is refused", async () => {
    const path = join(world.folder, "other.json");
    const other = existsSync(path)
      ? (await openKeystore(path, password)).address
      : await newKeystore(path, password, { n: 1_024, r: 8, p: 1 });
    const file = planned((plan) => plan, whole.plan);
    const subject = await open(world, file);
    await expect(deployFromFile(subject, other, () => openKeystore(path, password))).rejects.toThrow(
      `was made for the deployer ${world.deployer}; this key is ${other}`,
    );
  });

  test("behavior: the file that the Safe got is of the settings and of nothing else", () => {
    const [transaction] = proposed.transactions as never as Parameters<typeof encodedOf>[0][];
    const [operation] = whole.plan.operations;
    const data = encodedOf(transaction!);
    for (const call of operation!.calls) expect(data).toContain(call.data.slice(2));
  });
});

test("DEPLOY-13: stored bytes that are not the deployer's creation of that contract are refused before they are sent", async () => {
  const file = newFile();
  const { plan, blueprint, path } = await prepare(await open(world, file), world.deployer);
  const fees = { maxFeePerGas: 3n * 10n ** 9n, maxPriorityFeePerGas: 1n };
  const signer = await keystore(world);
  const otherKey = join(dirname(file), "thief.json");
  await newKeystore(otherKey, password, { n: 1_024, r: 8, p: 1 });
  const content = { chainId: 31_337, data: blueprint.codes.get("breaker")!, nonce: 0, gas: 8_000_000n, fees };
  const other = await openKeystore(otherKey, password);
  const store = async (signing: Parameters<typeof signTransaction>[0], more: object = {}) => {
    const { raw, hash } = await signTransaction(signing);
    const transaction = {
      raw,
      hash,
      gas: "8000000",
      maxFeePerGas: `${fees.maxFeePerGas}`,
      maxPriorityFeePerGas: "1",
      ...more,
    };
    const [breaker, ...others] = plan.contracts;
    writePlan(path, { ...plan, contracts: [{ ...breaker!, transactions: [transaction] }, ...others] });
    return expect(run(world, file)).rejects;
  };
  await (await store({ ...content, signer: other })).toThrow(`is not signed by the deployer ${world.deployer}`);
  await (await store({ ...content, signer, data: "0x00" })).toThrow("creates something else than the file's contract");
  await (await store({ ...content, signer, nonce: 1 })).toThrow("has another nonce or chain than the plan");
  await (await store({ ...content, signer, to: thief })).toThrow("creates nothing, or sends ether");
  await (await store({ ...content, signer }, { maxFeePerGas: "9" })).toThrow("offers other fees than the plan says");
  await (await store({ ...content, signer }, { hash: roles.proposer })).toThrow("has another hash than its bytes");
  expect(await nonceOf(world)).toBe(0);
});

// A node whose tip is what the deployer has, from the moment that `isLying` says.
async function withLie(file: string, isLying: () => boolean, limit?: bigint) {
  const subject = await open(world, file);
  const { endpoint } = subject.chain;
  const batch: typeof endpoint.batch = async (calls, ...more) => {
    const answers = await endpoint.batch(calls, ...more);
    return answers.map((answer, i) =>
      calls[i]!.method === "eth_maxPriorityFeePerGas" && isLying()
        ? ({ ok: true, result: "0x1836e210000" } as never)
        : answer,
    );
  };
  const chain = { ...subject.chain, endpoint: { ...endpoint, batch } };
  return deployFromFile({ ...subject, chain, ...(limit === undefined ? {} : { maxFee: limit }) }, world.deployer, () =>
    keystore(world),
  );
}

test("DEPLOY-14: a node whose tip would take the deployer's money is refused with the figure before anything is sent", async () => {
  const before = await world.node.request("eth_getBalance", [world.deployer, "latest"]);
  const refused = /Gas would cost up to [1-9]\d*\.\d+ ether.*\n- One run may offer 1 ether;.*\n- .*--max-fee ETHER/;
  await expect(withLie(newFile(), () => true)).rejects.toThrow(refused);
  expect(await world.node.request("eth_getBalance", [world.deployer, "latest"])).toBe(before);
});

test("DEPLOY-14: a node that begins to lie once something is sent takes no more than the limit", async () => {
  const file = newFile();
  const balance = async () => BigInt((await world.node.request("eth_getBalance", [world.deployer, "latest"])) as Hex);
  const before = await balance();
  let asked = 0;
  await expect(withLie(file, () => asked++ > 1)).rejects.toThrow("One run may offer 1 ether");
  expect(before - (await balance())).toBeLessThanOrEqual(maxFee);
  expect(await nonceOf(world)).toBeGreaterThan(0);
  // Another node's fees, and the run goes on.
  expect((await run(world, file)).settled.state).toBe("proposed");
});
