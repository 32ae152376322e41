// The doctor asks a real council and a real breaker what a pause will ask of them.

import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { circuitBreaker, guardianCouncil } from "@testudo/contracts";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Policy } from "@testudo/core/model/Policy";
import { encodeDeployData, getContractAddress } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkPauses } from "./checkPauses.ts";

// A contract that every anvil has.
const target: Address = "0x4e59b44847b379578588920ca78fbf26c0b4956c";
const [guarded, exempt, unknown]: readonly Hex[] = ["0x11111111", "0x22222222", "0x33333333"];
const guardians = ["a1", "a2", "a3"].map((byte) => `0x${byte.repeat(20)}` as Address);

let anvil: Anvil;
let from: Address;
let breaker: Address;
let council: Address;
/** Its breaker obeys `council`, and not it. */
let stray: Address;
beforeAll(async () => {
  anvil = await startAnvil();
  const node = openEndpoint(anvil.url);
  [from] = (await node.request("eth_accounts")) as [Address];
  [breaker, council, stray] = [0n, 1n, 2n].map((nonce) => toLower(getContractAddress({ from, nonce }))) as [
    Address,
    Address,
    Address,
  ];
  const targets = [{ target, inlined: false, guarded: [guarded!], exempt: [exempt!] }];
  const config = { targets, groups: [], trippers: [], programs: [] };
  const office = [breaker, from, from, guardians, 2, 3, 3] as const;
  for (const data of [
    encodeDeployData({ ...circuitBreaker, args: [council, from, config] }),
    encodeDeployData({ ...guardianCouncil, args: office }),
    encodeDeployData({ ...guardianCouncil, args: office }),
  ])
    await node.request("eth_sendTransactionSync", [{ from, data, gas: "0xf00000" }]);
  node.close();
});
afterAll(() => anvil.stop());

function checked(change: Partial<Policy> = {}, selectors: readonly Hex[] = [guarded!]) {
  const permissions = [{ target, name: "Vault", selectors, exempt: [], maxDurationSeconds: 60 }];
  return checkPauses(anvil.url, {
    breaker,
    council,
    guardians,
    quorum: 2,
    permissions,
    ...change,
  } as unknown as Policy);
}
const failed = async (change: Partial<Policy>, selectors?: readonly Hex[]) =>
  (await checked(change, selectors)).filter(({ level }) => level === "fail").map(({ text }) => text);

test("RESP-04: what the council says is amiss is a warning; where it is well, all that fits is told", async () => {
  // Its timelock is an account here.
  const text = 'The council reports "timelock has no code".';
  const wayOut = "Have its members or the timelock mend it.";
  expect(await checked()).toEqual([{ level: "warn", name: "pauses", text, wayOut }]);
  const node = openEndpoint(anvil.url);
  // Answers 3 to whatever it is asked: the signatures that its slow wallet needs.
  await node.request("anvil_setCode", [from, "0x60035f5260205ff3"]);
  expect(await checked()).toEqual([
    { level: "ok", name: "pauses", text: `the council may pause 1 function at ${breaker}` },
  ]);
  await node.request("anvil_setCode", [from, "0x"]);
  node.close();
});

test("RESP-04: an address without code, or of another kind of contract, fails", async () => {
  const nobody: Address = `0x${"77".repeat(20)}`;
  expect(await failed({ breaker: nobody, council: nobody })).toEqual([
    `The breaker ${nobody} has no code on this chain.`,
    `The council ${nobody} has no code on this chain.`,
  ]);
  expect(await failed({ breaker: target })).toEqual([
    `${target} answers as no breaker does.`,
    `The council ${council} speaks to the breaker ${breaker}.`,
  ]);
  expect(await failed({ council: target })).toEqual([
    `The breaker ${breaker} obeys the council ${council}.`,
    `${target} answers as no council does.`,
  ]);
});

test("RESP-04: a council that the breaker does not obey fails", async () => {
  expect(await failed({ council: stray })).toEqual([`The breaker ${breaker} obeys the council ${council}.`]);
});

test("RESP-04: signatures that the council refuses fail: too few of them, or of somebody who is no member", async () => {
  const stranger: Address = `0x${"b1".repeat(20)}`;
  expect(await failed({ quorum: 1, guardians: [...guardians, stranger] })).toEqual([
    "The council wants 2 signatures for a pause, the policy waits for 1: it would be refused.",
    `The guardian ${stranger} is no member of the council: what they sign is refused.`,
  ]);
});

test("RESP-02, RESP-04: functions that the breaker does not know, or holds as exempt, fail", async () => {
  expect(await failed({}, [guarded!, exempt!, unknown!])).toEqual([
    `The breaker has ${exempt} of Vault (${target}) as exempt: it cannot be paused.`,
    `The breaker does not know ${unknown} of Vault (${target}).`,
  ]);
});

test("RESP-04: without a policy nothing is asked, and a node that is away fails", async () => {
  expect(await checkPauses(anvil.url, null)).toEqual([]);
  const away = await checkPauses("http://127.0.0.1:1", { breaker, council } as Policy);
  expect(away).toMatchObject([{ level: "fail", name: "pauses" }]);
});
