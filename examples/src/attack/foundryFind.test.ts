import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { forgeIn } from "@testudo/contracts/forge";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { callablesOf } from "@testudo/lab/adversary/Callable";
import type { Cast } from "@testudo/lab/raid/Cast";
import { openGround } from "@testudo/lab/raid/openGround";
import { openTrials } from "@testudo/lab/raid/openTrials";
import type { CallMove, Plan } from "@testudo/lab/raid/Plan";
import { mostGas, prepareCast } from "@testudo/lab/raid/prepareCast";
import type { Reaction, Scenario } from "@testudo/lab/raid/Scenario";
import { toCapsule } from "@testudo/lab/raid/toCapsule";
import { type FoundryFind, writeFoundryTest } from "@testudo/lab/raid/writeFoundryTest";
import { fromHex, toHex } from "@testudo/lab/record/bytes";
import type { Capsule } from "@testudo/lab/record/Capsule";
import { compileSol } from "testudo/attack/compileSol";
import type { Abi } from "viem";
import { encodeFunctionData } from "viem/utils";
import { beforeAll, expect, onTestFinished, test } from "vitest";

const day = 86_400;
const ether = 10n ** 18n;
const deployer: Address = "0x00000000000000000000000000000000000de910";
const block = { number: 10_000n, timestamp: 1_750_000_000n, baseFeePerGas: 7n };
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;

let find: FoundryFind;
beforeAll(async () => {
  find = await findInBank();
});

test("LAB-32: a find written as a Foundry test passes with the gain that the search tells", async () => {
  // Two thirds of what the bank had in ether at 2,000, and its 500 coins at 1.
  expect(find.gainWad).toBe(2n * 2_000n * ether + 500n * ether);
  expect(await statusOf(writeFoundryTest(find))).toEqual({ status: "Success", reason: null });
});

test("LAB-30, LAB-32: what guardians do meanwhile takes from the gain, stands in the capsule, and is left out where it fails", async () => {
  const saved: Address = "0x00000000000000000000000000000000005afe00";
  const guarded = await findInBank((bank, abi) => {
    const call = (input: Hex) => ({ from: saved, to: bank, input });
    return [
      {
        name: "the coins are brought away",
        after: 3_600,
        calls: [call(encodeFunctionData({ abi, functionName: "sweep", args: [saved] }))],
      },
      { name: "in vain", after: 7_200, calls: [call("0x12345678")] },
    ];
  });
  expect(guarded.gainWad).toBe(find.gainWad - 500n * ether);
  const [first, second, third] = guarded.capsule.transactions!;
  expect([first, second, third].map((tx) => tx?.blockNumber)).toEqual([10_001n, 10_301n, 17_201n]);
  // No rule that is proposed may go against it.
  expect([second?.from, second?.role]).toEqual([saved, "benign"]);
  expect(guarded.capsule.transactions).toHaveLength(3);
  expect(await statusOf(writeFoundryTest(guarded))).toEqual({ status: "Success", reason: null });
});

test("LAB-32: a find written as a Foundry test passes under the settings of a project with the IR pipeline", async () => {
  const settings = "via_ir = true\noptimizer = true\n";
  expect(await statusOf(writeFoundryTest(find), settings)).toEqual({ status: "Success", reason: null });
});

test("LAB-32: a find written as a Foundry test fails where one unit more is asked for, or a power's price", async () => {
  const { gainWad } = find;
  const short = { status: "Failure", reason: `FindTest_GainsLess(${gainWad}, ${gainWad + 1n})` };
  expect(await statusOf(writeFoundryTest({ ...find, gainWad: gainWad + 1n }))).toMatchObject(short);
  const paid = { status: "Failure", reason: `FindTest_GainsLess(${gainWad - 1n}, ${gainWad})` };
  expect(await statusOf(writeFoundryTest({ ...find, costWad: 1n }))).toMatchObject(paid);
});

test("LAB-32: a find written as a Foundry test fails where a transaction does, and is sent in its own block", async () => {
  const transactions = find.capsule.transactions!.map((tx) => ({ ...tx, blockNumber: block.number + 1n }));
  const { status, reason } = await statusOf(writeFoundryTest({ ...find, capsule: { ...find.capsule, transactions } }));
  expect(status).toBe("Failure");
  expect(reason).toMatch(/^FindTest_Fails\(2, /);
  const failing = transactions.map((tx, i) => ({ ...tx, expected: { succeeded: i === 0, gasUsed: 0n, logs: [] } }));
  const less = await statusOf(writeFoundryTest({ ...find, capsule: { ...find.capsule, transactions: failing } }));
  expect(less.reason).toMatch(/^FindTest_GainsLess\(-/);
});

test("LAB-32: a find written as a Foundry test says what stands in its names in comments alone", async () => {
  const hostile =
    "a */ } contract B {}\r\n\u2028 contract C {} // SPDX-License-Identifier: MIT\n/// forge-config: default.ffi = true\u202e";
  const [native, coin] = find.assets;
  const source = writeFoundryTest({
    ...find,
    name: hostile,
    title: hostile,
    assets: [{ ...native!, name: hostile }, coin!],
  });
  expect(source).toMatch(/^[ -~\n]*$/);
  expect(await statusOf(source)).toEqual({ status: "Success", reason: null });
});

test("LAB-32: a find written as a Foundry test passes with an asset of which everybody has an endless balance", async () => {
  const token: Address = "0x00000000000000000000000000000000000e4d1e";
  // Returns 2^256 - 1, whatever is asked.
  const code = "0x60001960005260206000f3";
  const accounts = new Map(find.capsule.accounts).set(token, { balance: 0n, nonce: 1n, code, storage: new Map() });
  const asset = { name: "endless", token, decimals: 6, priceWad: 3n * ether };
  const given = { ...find, capsule: { ...find.capsule, accounts }, assets: [...find.assets, asset] };
  const twice = { ...given, accounts: [...find.accounts, deployer] };
  expect(await statusOf(writeFoundryTest(twice))).toEqual({ status: "Success", reason: null });
  const more = await statusOf(writeFoundryTest({ ...given, gainWad: find.gainWad + 1n }));
  expect(more.reason).toBe(`FindTest_GainsLess(${find.gainWad}, ${find.gainWad + 1n})`);
  expect(() => writeFoundryTest({ ...given, gainWad: 2n ** 255n })).toThrow("is no number of Solidity");
});

test("error: a find with code that is not known, or with a blob, is not written", () => {
  const { capsule } = find;
  const accounts = new Map(capsule.accounts);
  accounts.set(deployer, { ...accounts.get(deployer)!, code: null });
  expect(() => writeFoundryTest({ ...find, capsule: { ...capsule, accounts } })).toThrow(
    `the code of ${deployer} is not known`,
  );
  const transactions = capsule.transactions!.map((tx) => ({ ...tx, blobVersionedHashes: [word(1n)] }));
  expect(() => writeFoundryTest({ ...find, capsule: { ...capsule, transactions } })).toThrow(
    "transaction 1 carries blobs",
  );
});

test("LAB-32: a find with sixty accounts of 24 kB, and one with 5,000 words, is written, compiled and passes", async () => {
  const accounts = new Map(find.capsule.accounts);
  const code: Hex = `0x00${Buffer.from(Array.from({ length: 24_575 }, (_, i) => (i * i * 31 + i) & 0xff)).toString("hex")}`;
  const storage = new Map(
    Array.from({ length: 5_000 }, (_, i) => [word(BigInt(i) ** 9n), word(BigInt(i + 1) << 200n)]),
  );
  for (let i = 0n; i < 60n; i++)
    accounts.set(`0x${(0xb16_0000n + i).toString(16).padStart(40, "0")}`, {
      ...{ balance: i, nonce: i, code: `${code.slice(0, -2)}${i.toString(16).padStart(2, "0")}` as Hex },
      storage: i === 7n ? storage : new Map(),
    });
  const source = writeFoundryTest({ ...find, capsule: { ...find.capsule, accounts } });
  expect(await statusOf(source)).toEqual({ status: "Success", reason: null });
  expect(await statusOf(source, "optimizer = true\n")).toEqual({ status: "Success", reason: null });
});

/** What forge says of the one test in `source`. */
async function statusOf(source: string, settings = ""): Promise<{ status: string; reason: string | null }> {
  const folder = await mkdtemp(join(tmpdir(), "testudo-find-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "test"));
  await writeFile(join(folder, "foundry.toml"), `[profile.default]\nsrc = "test"\nlibs = []\n${settings}`);
  await writeFile(join(folder, "test", "Find.t.sol"), source);
  const { stdout } = await forgeIn(folder, ["test", "--json"]);
  const suites = JSON.parse(stdout) as {
    [suite: string]: { test_results: { [name: string]: { status: string; reason: string | null } } };
  };
  const { status, reason } = suites["test/Find.t.sol:FindTest"]!.test_results["test_accountsGain()"]!;
  // Forge adds large numbers once more, rounded.
  return { status, reason: reason?.replace(/ \[[^\]]*\]/g, "") ?? null };
}

/** A deposit, a day, and a withdrawal in the middle of a withdrawal in the middle of a withdrawal; and the sweep. */
async function findInBank(guardiansOf: (bank: Address, abi: Abi) => Reaction[] = () => []): Promise<FoundryFind> {
  const compiled = compileSol(fileURLToPath(new URL("./Bank.testkit.sol", import.meta.url))).contracts;
  const { abi, creation } = compiled.find(({ name }) => name === "Bank")!;
  const rich = { balance: 10n * ether, nonce: 0n, code: "0x", storage: new Map() } as const;
  const empty: Capsule = {
    name: "bank",
    chainId: 8_453,
    hardfork: "cancun",
    block,
    accounts: new Map([[deployer, rich]]),
  };
  const engine = await openGround(empty);
  const made = engine.call({ from: deployer, to: null, input: fromHex(creation), value: 3n * ether, gas: mostGas });
  const bank = made.created!;
  const asked = engine.call({
    from: deployer,
    to: bank,
    input: fromHex(encodeFunctionData({ abi, functionName: "coin" })),
    gas: mostGas,
  });
  const token: Address = `0x${toHex(asked.output).slice(26)}`;
  const assets = [
    { name: "ether", decimals: 18, priceWad: 2_000n * ether, capital: ether },
    { name: "coin", token, decimals: 6, priceWad: ether, capital: 0n },
  ];
  const scenario: Scenario = {
    ...{ contracts: [{ name: "Bank", address: bank, abi }], assets, accounts: 1 },
    ...{ keys: [], powers: [], guardians: guardiansOf(bank, abi) },
    ...{ addresses: [], words: [], mostSeconds: day, figures: [] },
  };
  const cast = prepareCast(engine, scenario);
  const plan = planOn(bank, abi, cast);
  const [trial] = openTrials(engine, scenario, cast).run([plan]);
  const capsule = toCapsule(engine, empty, scenario, cast, plan);
  return {
    ...{ capsule, name: "bank", title: "The bank pays twice.", assets, accounts: cast.accounts },
    gainWad: trial!.gainWad,
  };
}

function planOn(bank: Address, abi: Abi, { accounts }: Cast): Plan {
  const callables = callablesOf("Bank", bank, abi);
  let ids = 0;
  const move = (name: string, args: readonly unknown[], value: bigint, inner: readonly CallMove[]): CallMove => ({
    ...{ kind: "call", id: ids++, actor: 0, value, leaves: [], inner },
    callable: callables.find((each) => each.abi.name === name)!,
    input: fromHex(encodeFunctionData({ abi, functionName: name, args })),
  });
  const withdraw = (inner: readonly CallMove[]): CallMove => move("withdraw", [], 0n, inner);
  return [
    move("deposit", [], ether, []),
    { kind: "wait", seconds: day },
    withdraw([withdraw([withdraw([])])]),
    move("sweep", [accounts[0]], 0n, []),
  ];
}
