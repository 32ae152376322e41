// A rule that nobody signs, on a real chain with the real contracts: from the theft to the guard, and back by one call.
import { encodeClearRuleBySig } from "@testudo/chain/act/encodeClearRule";
import { findReceipt } from "@testudo/chain/act/sendAction";
import { circuitBreaker } from "@testudo/contracts";
import { type RuleAction, toClearRuleMessage } from "@testudo/core/model/Action";
import { verifyEvidence } from "@testudo/core/model/Evidence";
import type { Hex } from "@testudo/core/model/Hex";
import { toTypedMessage } from "testudo/operator/toTypedMessage";
import { decodeFunctionResult, encodeFunctionData } from "viem/utils";
import { afterEach, describe, expect, test } from "vitest";
import { makeFolder, openTill, type TillWatch, type TillWorld, tillHolds, watchTill } from "./till.testkit.ts";
import { withdraw } from "./tillProgram.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const most = 1_000n;
const seconds = 3_600;

/** A watch whose guardians all sleep, after the theft of half of what the till holds. */
async function afterTheft(program?: Hex) {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  const head = await world.mine(3);
  const rule = { program: program ?? world.sender.address, most, seconds };
  const watch = await watchTill(world, folder.path, { guardians: 0, rule });
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  const theft = await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  return { world, watch, theft };
}

const actionOf = (watch: TillWatch) =>
  watch.commits.flatMap(({ records }) => records).find(({ kind }) => kind === "Action") as RuleAction;

async function ruleEnd({ endpoint, params }: TillWorld): Promise<number> {
  const { abi } = circuitBreaker;
  const data = encodeFunctionData({ abi, functionName: "ruleOf", args: [params.till, withdraw] });
  const answer = (await endpoint.request("eth_call", [{ to: params.breaker, data }, "latest"])) as Hex;
  return decodeFunctionResult({ abi, functionName: "ruleOf", data: answer })[1];
}

async function succeeds(world: TillWorld, amount: bigint, nonce: number): Promise<boolean> {
  const hash = await world.send(await world.theft(amount, nonce));
  await world.mine();
  return (await findReceipt(world.endpoint, [hash]))!.succeeded;
}

describe("LAB-22: a playbook deploys a guard rule without a person", () => {
  test("anomaly and damage put it on chain; large withdrawals fail, small ones work; one call of the council takes it back", async () => {
    const { world, watch, theft } = await afterTheft();
    await watch.until(() => watch.states().includes("active"), { mineMs: 200 });
    const action = actionOf(watch);
    expect(watch.states().filter((state) => !["included"].includes(state))).toEqual([
      "proposed",
      "simulated",
      "approved",
      "signed",
      "broadcast",
      "active",
    ]);
    const named = watch.commits
      .flatMap(({ records }) => records)
      .filter(({ id }) => [action.anomaly, action.damage].includes(id));
    expect(
      named.map((one) => one.kind === "Finding" && [one.class, one.txHash === theft]).sort(),
    ).toMatchInlineSnapshot(`
      [
        [
          "anomaly",
          true,
        ],
        [
          "invariant",
          false,
        ],
      ]
    `);
    expect(await ruleEnd(world)).toBe(Number(action.until));
    expect(await world.pauses()).toEqual([]);
    expect(await succeeds(world, most + 1n, 1)).toBe(false);
    expect(await succeeds(world, most, 2)).toBe(true);

    const approvals = await Promise.all(
      world.guardians.slice(0, 2).map(async (signer) => ({
        signer: signer.address,
        signature: await signer.signTypedData(toTypedMessage(action)),
      })),
    );
    const [, , , , anybody] = (await world.endpoint.request("eth_accounts")) as Hex[];
    const data = encodeClearRuleBySig(toClearRuleMessage(action), approvals);
    await world.endpoint.request("eth_sendTransaction", [{ from: anybody, to: action.council, data, gas: "0x100000" }]);
    await watch.until(() => watch.states().includes("released"), { mineMs: 200 });
    expect(await ruleEnd(world)).toBe(0);
    expect(await succeeds(world, most + 1n, 3)).toBe(true);
    expect(verifyEvidence(watch.commits.map(({ evidence }) => evidence))).toBeUndefined();
    expect(await world.sentBySender()).toBe(1);
  });

  test("left alone it ends by itself", async () => {
    const { world, watch } = await afterTheft();
    await watch.until(() => watch.states().includes("active"), { mineMs: 200 });
    await world.endpoint.request("evm_setNextBlockTimestamp", [Number(actionOf(watch).until)]);
    await watch.until(() => watch.states().includes("expired"), { mineMs: 200 });
    expect(await succeeds(world, most + 1n, 1)).toBe(true);
  });

  test("error: a program that the breaker does not know fails its trial, and nothing is sent", async () => {
    const { world, watch } = await afterTheft(`0x${"77".repeat(20)}`);
    await watch.until(() => watch.states().includes("simulation-failed"), { mineMs: 200 });
    const notes = watch.commits.flatMap(({ records }) =>
      records.flatMap((one) => (one.kind === "ActionStatus" && one.state === "simulation-failed" ? one.note : [])),
    );
    expect(notes[0]).toMatch(/Breaker_NotAllowed/);
    expect(await world.sentBySender()).toBe(0);
  });
});
