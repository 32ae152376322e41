// The doctor asks a real breaker whether the policy's program may set rules.

import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { circuitBreaker } from "@testudo/contracts";
import type { RuleKind } from "@testudo/core/model/GuardRule";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { encodeDeployData } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Settings } from "../../config/Config.ts";
import { checkProgram } from "./checkProgram.ts";

// A contract that every anvil has.
const target: Address = "0x4e59b44847b379578588920ca78fbf26c0b4956c";
const program: Address = `0x${"ab".repeat(20)}`;
const [guarded, other, exempt, unknown]: readonly Hex[] = ["0x11111111", "0x22222222", "0x33333333", "0x44444444"];

let anvil: Anvil;
let breaker: Address;
beforeAll(async () => {
  anvil = await startAnvil();
  const node = openEndpoint(anvil.url);
  const [from] = (await node.request("eth_accounts")) as Address[];
  const config = {
    targets: [{ target, inlined: false, guarded: [guarded!, other!], exempt: [exempt!] }],
    ...{ groups: [], trippers: [], programs: [{ caller: program, target, selector: guarded! }] },
  };
  const data = encodeDeployData({ ...circuitBreaker, args: [from!, from!, config] });
  const receipt = await node.request("eth_sendTransactionSync", [{ from, data, gas: "0xf00000" }]);
  breaker = (receipt as { contractAddress: Address }).contractAddress;
  node.close();
});
afterAll(() => anvil.stop());

async function checked(selectors: readonly (Hex | undefined)[], kinds: readonly RuleKind[] = ["DENY"], at = breaker) {
  const permissions = [{ target, selectors: selectors as Hex[], kinds, maxDurationSeconds: 3_600 }];
  const sender = { keystore: "not-there.json", passwordFile: "p" };
  const settings = { policy: { breaker: at, rules: { program, permissions, atOnce: 1 } }, sender };
  return checkProgram(anvil.url, settings as unknown as Settings);
}

test("LAB-22: a program that the breaker has registered may set the policy's rules", async () => {
  expect(await checked([guarded])).toEqual([
    { level: "ok", name: "rules", text: `${program} may set all rules of the policy at ${breaker}` },
  ]);
});

test("LAB-22: a program that the breaker would refuse fails, function by function, with what to do", async () => {
  const checks = await checked([guarded, other, exempt, unknown]);
  expect(checks.map((check) => [check.level, check.text, check.level === "ok" ? "" : check.wayOut])).toEqual([
    [
      "fail",
      expect.stringContaining(`no program of the breaker ${breaker} for 0x22222222`),
      expect.stringContaining("`register`"),
    ],
    ["fail", expect.stringContaining("0x33333333 of"), expect.stringContaining("Take it out")],
    ["fail", `The breaker does not know 0x44444444 of ${target}.`, expect.stringContaining("register it as guarded")],
  ]);
});

test("LAB-22: once a block is for functions whose word lies in the target, and a breaker has code", async () => {
  expect(await checked([guarded], ["NO_SAME_BLOCK"])).toMatchObject([
    { level: "fail", text: expect.stringMatching(/needs mixin or gate/) },
  ]);
  expect(await checked([guarded], ["DENY"], program)).toMatchObject([
    { level: "fail", text: expect.stringMatching(/has no code/) },
  ]);
});

test("LAB-22: a function that rules may be derived for is asked for too, and a kind that nothing can make is told", async () => {
  const permission = { target, maxDurationSeconds: 3_600, oracles: [] };
  const derived = {
    permissions: [
      {
        ...{ ...permission, selectors: [guarded, other], kinds: ["DENY", "ARG_MAX", "ARG_MIN", "ORACLE_DELAY"] },
        amounts: [{ selector: guarded, argIndex: 0, lowestMax: 1n }],
      },
    ],
  };
  const sender = { keystore: "not-there.json", passwordFile: "p" };
  const policy = { breaker, rules: { program, permissions: [], atOnce: 1, derived } };
  const checks = await checkProgram(anvil.url, { policy, sender } as unknown as Settings);
  expect(checks.map(({ level, text }) => [level, text])).toEqual([
    ["fail", expect.stringContaining("no program of the breaker")],
    ["warn", `ARG_MIN, ORACLE_DELAY of ${target} will never be derived.`],
  ]);
});

test("LAB-22: without rules in the policy nothing is asked, and without a sender nobody sends them", async () => {
  expect(await checkProgram(anvil.url, { policy: {} } as unknown as Settings)).toEqual([]);
  const permissions = [{ target, selectors: [guarded], kinds: ["DENY"], maxDurationSeconds: 60 }];
  const settings = { policy: { breaker, rules: { program, permissions, atOnce: 1 } } } as unknown as Settings;
  expect((await checkProgram(anvil.url, settings)).map(({ level, text }) => [level, text])).toContainEqual([
    "fail",
    "Nobody sends them.",
  ]);
});
