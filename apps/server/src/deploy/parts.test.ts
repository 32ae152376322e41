// The pure parts: what events add up to, how settings become operations, and how functions are found in code.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { circuitBreaker, timelock } from "@testudo/contracts";
import type { Hex } from "@testudo/core/model/Hex";
import fc from "fast-check";
import { zeroHash } from "viem";
import { encodeFunctionData, stringToHex, toHex } from "viem/utils";
import { expect, test } from "vitest";
import { allModules } from "./allModules.testkit.ts";
import { contractNames, drawBlueprint, laterNames } from "./blueprint.ts";
import type { DecodedLog, LogExpectation } from "./DeployModule.ts";
import { repeated } from "./deployFields.ts";
import { deploymentSchema } from "./deploymentSchema.ts";
import { encodedOf } from "./encodedOf.testkit.ts";
import { exampleDeployment } from "./example.testkit.ts";
import { hasSelector } from "./findSelector.ts";
import { roles } from "./modules/timelock.ts";
import { type Plan, planAddresses, readPlan } from "./Plan.ts";
import { planLines } from "./printDeployment.ts";
import { textOf } from "./readChain.ts";
import { safeBatch } from "./safeBatch.ts";
import { toOperations } from "./settle.ts";

const account = (digit: string) => `0x${digit.repeat(40)}` as const;
const file = deploymentSchema.parse(exampleDeployment());
const planned = planAddresses(contractNames(file), account("7"), 0);
const addresses = new Map(planned.map(({ name, address }) => [name, address]));
const blueprint = drawBlueprint(file, addresses, { slowWalletIsKey: false });

function sumOf(module: string, field: string, logs: readonly DecodedLog[]): unknown {
  const found = blueprint.expectations.find((item) => item.module === module && item.field === field);
  return (found as LogExpectation).sum(logs);
}

test("DEPLOY-04: a role that was taken back has no holder, and another role's holders do not count", () => {
  const granted = (role: string, digit: string) => ({ event: "RoleGranted", args: { role, account: account(digit) } });
  const logs = [
    granted(roles.proposer, "b"),
    granted(roles.proposer, "a"),
    granted(roles.executor, "c"),
    { event: "RoleRevoked", args: { role: roles.proposer, account: account("b") } },
  ];
  expect(sumOf("timelock", "proposers", logs)).toEqual([account("a")]);
  expect(sumOf("timelock", "executors", logs)).toEqual([account("c")]);
});

test("error: a plan of another version is told in one line", () => {
  const path = join(mkdtempSync(join(tmpdir(), "testudo-plan-")), "plan.json");
  writeFileSync(path, JSON.stringify({ version: 2 }));
  expect(() => readPlan(path)).toThrow(`The plan "${path}" cannot be read: version: Invalid input: expected 1\n- `);
  rmSync(dirname(path), { recursive: true });
});

test("behavior: a list of names is looked through in one pass", () => {
  const names = [...Array.from({ length: 20_000 }, (_, i) => `${i}`), "7", "8", "7"];
  let reads = 0;
  const counted = new Proxy(names, {
    get: (list, key, receiver) => {
      if (/^\d+$/.test(String(key))) reads += 1;
      return Reflect.get(list, key, receiver);
    },
  });
  expect(repeated(counted)).toEqual([
    [20_000, 7],
    [20_001, 8],
    [20_002, 7],
  ]);
  expect(reads).toBe(names.length);
});

test("DEPLOY-04: a module that does not stand yet has a row for each of its lists", () => {
  const whole = deploymentSchema.parse(allModules());
  const names = [...contractNames(whole), ...laterNames(whole)];
  const at = new Map(planAddresses(names, account("7"), 0).map(({ name, address }) => [name, address]));
  const { expectations } = drawBlueprint(whole, at, { slowWalletIsKey: false });
  const lists = expectations.filter((item) => item.kind === "logs");
  expect(lists.filter((item) => textOf(item.sum([])) === "")).toEqual([]);
  expect(textOf(lists.find(({ field }) => field === "terms in force")!.sum([]))).toBe("nothing");
});

test("DEPLOY-04: a steward that was dismissed is none", () => {
  const set = (digit: string, allowed: boolean) => ({
    event: "StewardSet",
    args: { steward: account(digit), allowed },
  });
  expect(sumOf("steward", "stewards", [set("a", true), set("b", true), set("a", false)])).toEqual([account("b")]);
});

test("DEPLOY-04: what was registered at the breaker beside the file is named, but for what was dismissed since", () => {
  const { abi } = circuitBreaker;
  const why = { reason: zeroHash, evidence: zeroHash };
  const executed = (data: Hex, target: string = addresses.get("breaker")!) => ({
    event: "CallExecuted",
    args: { target, data },
  });
  const exits = stringToHex("exits", { size: 32 });
  const program = { caller: account("a"), target: account("b"), selector: "0x2e1a7d4d" } as const;
  const tripper = { caller: account("c"), group: exits };
  // The file's own is one that came by its setting.
  const known = { caller: account("6"), group: exits };
  const config = { targets: [], groups: [], trippers: [tripper, known], programs: [program] };
  const register = encodeFunctionData({ abi, functionName: "register", args: [config, why] });
  const other = encodeFunctionData({
    abi,
    functionName: "release",
    args: [program.target, program.selector, why],
  });
  const dismiss = encodeFunctionData({ abi, functionName: "dismissTripper", args: [tripper.caller, exits, why] });
  const sum = (...logs: DecodedLog[]) => sumOf("timelock", "registered at the breaker beside the file", logs);
  const programText = `program ${program.caller} on ${program.selector} of ${program.target}`;
  expect(sum(executed(other), executed(register, account("d")))).toEqual([]);
  expect(sum(executed(register))).toEqual([programText, `tripper ${tripper.caller} of group ${exits}`]);
  expect(sum(executed(register), executed(dismiss))).toEqual([programText]);
  expect(sum(executed(register), executed(dismiss), executed(register))).toHaveLength(2);
});

test("DEPLOY-03: more settings than fit into an operation follow one another, with one delay for all", () => {
  const setting = (i: number) =>
    ({ what: `${i}`, to: account("a"), data: `0x${i.toString(16).padStart(8, "0")}`, proofs: [] }) as const;
  const settings = Array.from({ length: 33 }, (_, i) => setting(i));
  const operations = toOperations(
    settings,
    settings.map((_, i) => (i === 0 ? 200 : 100)),
    zeroHash,
    0,
  );
  expect(operations.map(({ calls }) => calls.length)).toEqual([16, 16, 1]);
  expect(operations.map(({ predecessor }) => predecessor)).toEqual([zeroHash, operations[0]!.id, operations[1]!.id]);
  expect(operations.map(({ delaySeconds }) => delaySeconds)).toEqual([200, 200, 200]);
  expect(new Set(operations.map(({ id }) => id)).size).toBe(3);
});

test("DEPLOY-03: the bounds of a parameter are set before its value, and invariants after all values", () => {
  const kinds = blueprint.settings.map(({ what }) => what.split(" of ")[0]!.replace(/0x\w+/, "it"));
  expect(kinds.slice(-5)).toEqual([
    "steward: bounds",
    "steward: bounds",
    "steward: first value",
    "steward: 1 invariants",
    "steward: it becomes a steward",
  ]);
});

test("DEPLOY-05: what follows the creations is told with its gas, and is in the sum", () => {
  const contracts = [{ name: "breaker", address: account("a"), nonce: 0, codeHash: zeroHash, transactions: [] }];
  const plan = { contracts, deployer: account("7") } as unknown as Plan;
  const byContract = [["breaker", 5n] as const, ["calls right after", 2n] as const];
  expect(planLines(plan, { byDeployer: 7n, total: 7n, byContract })).toEqual([
    `Deployer ${account("7")}`,
    `  breaker            ${account("a")}  nonce 0, 5 gas`,
    "  calls right after  2 gas",
    "  7 gas together",
  ]);
});

test.each([
  ["0x60006312345678", "0x12345678", true],
  ["0x62345678", "0x00345678", true],
  ["0x6000631234567", "0x12345678", false],
  ["0x0123456780", "0x12345678", false],
  ["0x", "0x12345678", false],
] as const)("behavior: whether %s dispatches %s is %s", (code, selector, isThere) => {
  expect(hasSelector(code, selector)).toBe(isThere);
});

test("behavior: the same value reads the same, whatever type it came in", () => {
  expect(textOf([1, 2n, "0xAb", true])).toBe(textOf([1n, 2, "0xaB", true]));
  expect(textOf({ b: 1, a: "x" })).toBe("{a:x,b:1}");
});

test("DEPLOY-03: a Safe's file has each call with its target, no ether, words, and function and arguments for its owners", () => {
  const data = encodeFunctionData({ abi: timelock.abi, functionName: "cancel", args: [roles.proposer] });
  const due = { what: "cancel it", to: account("a"), data } as const;
  expect(JSON.parse(safeBatch(5, account("b"), "Testudo", [due]))).toEqual({
    version: "1.0",
    chainId: "5",
    createdAt: 0,
    meta: { name: "Testudo", description: "cancel it", createdFromSafeAddress: account("b") },
    transactions: [
      {
        to: account("a"),
        value: "0",
        data: null,
        contractMethod: {
          name: "cancel",
          payable: false,
          inputs: [{ name: "id", type: "bytes32", internalType: "bytes32" }],
        },
        contractInputsValues: { id: roles.proposer },
      },
    ],
  });
});

test("DEPLOY-03: function and arguments in a Safe's file encode to the very call, whatever it is of the timelock", () => {
  const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes));
  const bytes = fc.uint8Array({ maxLength: 70 }).map((item) => toHex(item));
  const call = fc.tuple(
    bytes,
    fc.nat(15).map((digit) => account(digit.toString(16))),
  );
  fc.assert(
    fc.property(
      fc.array(call, { maxLength: 4 }),
      word,
      word,
      fc.bigInt(0n, 2n ** 256n - 1n),
      (calls, before, salt, delay) => {
        const batch = [
          calls.map(([, to]) => to),
          calls.map(() => 0n),
          calls.map(([data]) => data),
          before,
          salt,
        ] as const;
        const datas = [
          encodeFunctionData({ abi: timelock.abi, functionName: "scheduleBatch", args: [...batch, delay] }),
          encodeFunctionData({ abi: timelock.abi, functionName: "executeBatch", args: batch }),
        ];
        const dues = datas.map((data) => ({ what: "", to: account("a"), data }));
        const { transactions } = JSON.parse(safeBatch(5, account("b"), "", dues));
        expect(transactions.map(encodedOf)).toEqual(datas);
        expect(transactions.map(({ data }: { data: unknown }) => data)).toEqual([null, null]);
      },
    ),
  );
});

test("DEPLOY-03: a call that the timelock does not know is given to a Safe as its bytes", () => {
  const { transactions } = JSON.parse(safeBatch(5, account("b"), "", [{ what: "", to: account("a"), data: "0x1234" }]));
  expect(transactions).toMatchObject([{ data: "0x1234", contractMethod: null, contractInputsValues: null }]);
});
