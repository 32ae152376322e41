// A rule that nobody has written down, on a real chain with the real contracts: found in the theft itself, within written
// bounds; and thieves who want it to shut out others.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeClearRuleBySig } from "@testudo/chain/act/encodeClearRule";
import { findReceipt } from "@testudo/chain/act/sendAction";
import { circuitBreaker } from "@testudo/contracts";
import { type Action, type RuleAction, toClearRuleMessage } from "@testudo/core/model/Action";
import type { Derivation } from "@testudo/core/model/Derivation";
import { verifyEvidence } from "@testudo/core/model/Evidence";
import type { RuleKind } from "@testudo/core/model/GuardRule";
import { type Hex, toWord } from "@testudo/core/model/Hex";
import { toTypedMessage } from "testudo/operator/toTypedMessage";
import { decodeFunctionResult, encodeFunctionData } from "viem/utils";
import { afterEach, describe, expect, test } from "vitest";
import { makeFolder, openTill, type TillWatch, type TillWorld, tillHolds, watchTill } from "./till.testkit.ts";
import { withdraw } from "./tillProgram.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const pay: Hex = "0xc290d691";
const seconds = 3_600;
const promised = 500n;

/** Somebody takes out what is his: the books and the till go down together. */
async function takesOut({ endpoint, params, mine }: TillWorld, from: Hex, amount: bigint): Promise<void> {
  for (const selector of [pay, withdraw]) {
    const data = `${selector}${toWord(amount)}`;
    await endpoint.request("eth_sendTransaction", [{ from, to: params.till, data, gas: "0x80000" }]);
  }
  await mine();
}

interface Play {
  /** What honest people take out, one each. */
  readonly honest: readonly bigint[];
  /** What the thief's other accounts take out before, all in the last blocks. */
  readonly crowd?: readonly bigint[];
  readonly theft: bigint;
  readonly kinds?: readonly RuleKind[];
  readonly leastHonest?: number;
  readonly budgetMs?: number;
}

async function played({ honest, crowd = [], theft, kinds = ["ARG_MAX"], leastHonest = 3, budgetMs }: Play) {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  const accounts = (await world.endpoint.request("eth_accounts")) as Hex[];
  const people = [0, 1, 2, 3, 4].map((i) => accounts[i]!);
  for (const [i, amount] of honest.entries()) await takesOut(world, people[i]!, amount);
  for (const [i, amount] of crowd.entries()) {
    const from: Hex = `0x${(0xc0ffee00 + i).toString(16).padStart(40, "0")}`;
    await world.endpoint.request("anvil_setBalance", [from, "0xde0b6b3a7640000"]);
    await world.endpoint.request("anvil_impersonateAccount", [from]);
    await takesOut(world, from, amount);
  }
  const head = await world.mine(3);
  const program = world.sender.address;
  const derive = { program, kinds, promised, leastHonest, seconds, ...(budgetMs === undefined ? {} : { budgetMs }) };
  const watch = await watchTill(world, folder.path, { guardians: 0, derive });
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  await world.send(await world.theft(theft));
  await world.mine();
  await watch.until(() => derivations(watch).length > 0, { mineMs: 500 });
  return { world, watch, folder, derivation: derivations(watch)[0]! };
}

const records = (watch: TillWatch) => watch.commits.flatMap((commit) => commit.records);
const derivations = (watch: TillWatch) => records(watch).filter((one): one is Derivation => one.kind === "Derivation");
const actions = (watch: TillWatch) => records(watch).filter((one): one is Action => one.kind === "Action");
const ruleOf = (watch: TillWatch) => actions(watch).find((one): one is RuleAction => one.type === "guardRule");

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

describe("LAB-22: a rule is derived from the attack while it runs", () => {
  test("from the theft to the guard without a person; what is honest works, the record names all, one call takes it back", async () => {
    const { world, watch, folder, derivation } = await played({
      honest: [1_000n, 2_000n, 3_000n, 500n, 700n],
      theft: tillHolds / 2n,
    });
    await watch.until(() => watch.states().includes("active"), { mineMs: 200 });
    const action = ruleOf(watch)!;
    const rule = { target: world.params.till, selector: withdraw, kind: "ARG_MAX", argIndex: 0, bound: 6_000n };
    expect(action).toMatchObject({ rule, quorum: 0, evidence: derivation.id, from: [derivation.id] });
    expect(await ruleEnd(world)).toBe(Number(action.until));
    expect(await succeeds(world, 6_001n, 1)).toBe(false);
    expect(await succeeds(world, 3_000n, 2)).toBe(true);

    expect(derivation).toMatchObject({ rule, honest: { recorded: 10, senders: 5, seen: 0 } });
    expect(derivation.tried.find(({ refused }) => refused === undefined)?.rules).toEqual([rule]);
    expect(derivation.stages.map(({ stage }) => stage)).toEqual([
      "attack",
      "honest",
      "record",
      "propose",
      "propose: baseline",
      "propose: candidates",
      "propose: simulate",
      "propose: rank",
    ]);
    const bytes = readFileSync(join(folder.path, "derived", `${derivation.capsule}.capsule`));
    expect(`0x${createHash("sha256").update(bytes).digest("hex")}`).toBe(derivation.capsule);
    const [decision] = records(watch).filter(({ id }) => id === derivation.from[0]);
    expect(decision).toMatchObject({ kind: "Decision", outcome: "propose", incident: derivation.incident });

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
    expect(verifyEvidence(watch.commits.map(({ evidence }) => evidence))).toBeUndefined();
  });

  test("the pause is proposed before the rule, and does not wait for it", async () => {
    const { watch } = await played({ honest: [2_000n, 1_000n, 3_000n], theft: tillHolds / 2n });
    const kinds = records(watch).map((one) => (one.kind === "Action" ? one.type : one.kind));
    expect(kinds.indexOf("pause")).toBeGreaterThan(-1);
    expect(kinds.indexOf("pause")).toBeLessThan(kinds.indexOf("Derivation"));
  });

  test("out of time nothing is sent, the record says where it was, and the pause stands proposed", async () => {
    const { world, watch, derivation } = await played({
      honest: [2_000n, 1_000n, 3_000n],
      theft: tillHolds / 2n,
      budgetMs: 1,
    });
    expect(derivation.note).toMatch(/no answer within 1 ms; it was at "/);
    expect(actions(watch).map(({ type }) => type)).toEqual(["pause"]);
    expect(await world.sentBySender()).toBe(0);
  });
});

describe("LAB-22: a thief who wants the derived rule to shut out others", () => {
  test("crowds the last blocks with tiny withdrawals: what somebody honest took out before stays possible", async () => {
    const { derivation, watch } = await played({
      honest: [40_000n, 2_000n, 3_000n],
      crowd: Array.from({ length: 60 }, () => 1n),
      theft: tillHolds / 2n,
    });
    expect(derivation.honest.senders).toBe(63);
    expect(derivation.rule).toMatchObject({ kind: "ARG_MAX", bound: 80_000n });
    expect(ruleOf(watch)).toBeDefined();
  });

  test("is alone with his tiny withdrawals: no bound goes below what is promised in writing", async () => {
    const { derivation } = await played({ honest: [], crowd: [1n, 1n, 2n, 1n], theft: tillHolds / 2n });
    expect(derivation.rule).toMatchObject({ kind: "ARG_MAX", bound: promised });
  });

  test("steals as others take out: no rule tells them apart, none is sent, the pause stands proposed", async () => {
    const { derivation, watch, world } = await played({
      honest: [300_000n, 2_000n, 3_000n],
      theft: 200_000n,
      kinds: ["ARG_MAX", "DENY", "NO_SAME_BLOCK"],
    });
    expect(derivation.rule).toBeUndefined();
    expect(derivation.note).toMatch(/^none of 0 rules/);
    expect(actions(watch).map(({ type }) => type)).toEqual(["pause"]);
    expect(await world.sentBySender()).toBe(0);
  });

  test("leaves too few others to tell: no function is shut for want of a record", async () => {
    const { derivation } = await played({ honest: [1_000n], theft: tillHolds / 2n, kinds: ["DENY", "ARG_MAX"] });
    expect(derivation.note).toBe("of 3 honest senders 1 are known: what a rule would break cannot be told");
  });

  test("is met by a kind that the policy does not grant: it is refused by name", async () => {
    const { derivation } = await played({
      honest: [2_000n, 1_000n, 3_000n],
      theft: tillHolds / 2n,
      kinds: ["NO_SAME_BLOCK"],
    });
    expect(derivation.tried.map(({ refused }) => refused)).toContain(
      `a rule ARG_MAX of ${derivation.target} is not in the policy`,
    );
    expect(derivation.rule).toBeUndefined();
  });
});
