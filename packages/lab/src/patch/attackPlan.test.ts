// The recorded attack as what the adversary of a patch begins with.
import { parseAbi } from "viem/utils";
import { beforeAll, describe, expect, test } from "vitest";
import { edrPeer } from "../capsule/openEdr.ts";
import type { Scenario } from "../raid/Scenario.ts";
import type { Capsule } from "../record/Capsule.ts";
import { inputOf, type NotesStage, note, openNotesStage } from "./notesStage.testkit.ts";
import type { Patch } from "./Patch.ts";
import { type Baseline, playBaseline } from "./playBaseline.ts";
import { proposePatch } from "./proposePatch.ts";
import type { PatchRaid, RaidBudget } from "./raidPatched.ts";
import { simulatePatch } from "./simulatePatch.ts";
import { alice, ether, openTillStage, thief } from "./tillStage.testkit.ts";

type Ran = Extract<PatchRaid, { ran: true }>;
let stage: NotesStage;
let baseline: Baseline;
const adversary: RaidBudget = { calls: 400, seed: 1, peer: edrPeer };

beforeAll(async () => {
  stage = await openNotesStage();
  baseline = await playBaseline(stage.capsule);
});

const deny = (target: typeof thief, ...selectors: readonly `0x${string}`[]) => ({
  ...{ kind: "guardRule" as const, name: "deny", seconds: 36 * 3_600 },
  rules: selectors.map((selector) => ({ target, selector, kind: "DENY" as const, argIndex: 0, bound: 0n })),
});
const selectorOf = (name: string, args: readonly unknown[]) => inputOf(name, args).slice(0, 10) as `0x${string}`;
const redeem = selectorOf("redeem", [0n, 0n]);
const redeemTo = selectorOf("redeemTo", [0n, 0n, thief]);

async function searched(patch: Patch, from: Baseline, budget = adversary): Promise<Ran> {
  const { adversary: raid } = await simulatePatch(from, patch, { adversary: budget });
  if (raid === null || !raid.ran) throw new Error(`No search: ${raid?.why}`);
  return raid;
}

describe("LAB-20: the adversary of a patch begins with the recorded attack", () => {
  test("and evades a rule that shuts one of two functions which do the same; from nothing it finds none in as many calls", async () => {
    const { start, finds } = await searched(deny(stage.notes, redeem), baseline);
    const words = inputOf("redeem", [note, 40n * ether]).slice(10);
    expect(start.moves).toEqual([`account 0: ${stage.notes}.${redeem}("0x${words}")`]);
    expect([start.gainWad, start.gainWithoutWad, start.left]).toEqual([0n, 40n * ether, []]);
    const [evasion] = finds;
    expect(evasion).toMatchObject({ is: "remaining", variesAttack: true, figure: null });
    expect(evasion!.moves.at(-1)).toContain(redeemTo);
    expect(evasion!.gainWad).toBeGreaterThanOrEqual(36n * ether);
    expect(evasion!.confirmed).toEqual({ engine: "EDR", ok: true, difference: null });
    const nothing: Baseline = { ...baseline, attack: { ...baseline.attack, calls: [] } };
    const blank = await searched(deny(stage.notes, redeem), nothing);
    expect([blank.finds, blank.start.moves]).toEqual([[], []]);
    expect(blank.calls).toBeGreaterThanOrEqual(400);
  });

  test("and finds nothing where both functions are shut, but where the rules end while he waits", async () => {
    const both = deny(stage.notes, redeem, redeemTo);
    expect((await searched(both, baseline)).finds).toEqual([]);
    const [late] = (await searched({ ...both, seconds: 3_600 }, baseline)).finds;
    expect([late?.moves[0], late?.variesAttack]).toEqual(["wait 3600 s", true]);
  });

  test("and evades a bound by calls that stay below it", async () => {
    const rule = { target: stage.notes, selector: redeem, argIndex: 1, bound: 10n * ether, kind: "ARG_MAX" } as const;
    const bounded: Patch = { kind: "guardRule", name: "bound", seconds: 3_600, rules: [rule] };
    const { finds } = await searched(bounded, baseline);
    expect(finds.some(({ variesAttack, gainWad }) => variesAttack && gainWad >= 5n * ether)).toBe(true);
  });

  test("with a call in the middle of another where the attack came back in", async () => {
    const till = await openTillStage();
    const rob = { from: thief, to: till.robber, value: 20n * ether, input: "0x19e96ec6", gas: 900_000n } as const;
    const capsule: Capsule = { ...till.capsule([{ ...rob, role: "attack" }]), victim: till.vault };
    const { start } = await searched(deny(till.vault, "0xd0e30db0"), await playBaseline(capsule));
    expect(start.moves.map((line) => line.replace(till.vault, "vault"))).toEqual([
      'account 0: vault.0xd0e30db0("0x")',
      'account 0: vault.0x3ccfd60b("0x")',
      '  in the middle: account 0: vault.0x3ccfd60b("0x")',
      '  in the middle:   in the middle: account 0: vault.0x3ccfd60b("0x")',
    ]);
    expect([start.gainWad, start.gainWithoutWad, start.left]).toEqual([0n, 40n * ether, []]);
  });

  test("from as many accounts, with the time that it took, and his addresses in the places of the attack's", async () => {
    const { notes, capsule } = stage;
    const sent = { to: notes, value: 0n, gas: 200_000n, role: "attack" } as const;
    const [one, other] = [inputOf("redeem", [note, ether]), inputOf("redeemTo", [note, 2n * ether, alice])];
    const transactions = [
      { ...sent, from: thief, input: one, blockNumber: 101n },
      { ...sent, from: alice, input: other, blockNumber: 5_101n },
    ];
    const { start } = await searched(deny(notes, redeem), await playBaseline({ ...capsule, transactions }));
    const [first, wait, second] = start.moves;
    expect([start.moves.length, first, wait]).toEqual([3, expect.stringMatching(/^account 0: /), "wait 5000 s"]);
    expect(second).toMatch(/^account 1: .*0{24}00000000000000000000000000000000a77ac001"\)$/);
    expect([start.gainWad, start.gainWithoutWad]).toEqual([2n * ether, 3n * ether]);
  });

  test("as far as the scenario goes, and says what it leaves out", async () => {
    const scenario: Scenario = {
      contracts: [],
      assets: [{ name: "ether", decimals: 18, priceWad: ether, capital: ether }],
      ...{ accounts: 1, keys: [], powers: [], guardians: [], addresses: [], words: [], mostSeconds: 0, figures: [] },
    };
    const abi = parseAbi(["function issue(uint256 note) payable"]);
    const named: Scenario = { ...scenario, contracts: [{ name: "notes", address: stage.notes, abi }] };
    const declared = { scenario: named, leastWad: ether };
    const { start } = await searched(deny(stage.notes, redeem), baseline, { ...adversary, declared });
    const left = [`${stage.notes} ${redeem}: not among the functions that may be called.`];
    expect(start).toEqual({ moves: [], gainWad: 0n, gainWithoutWad: 0n, left });
  });
});

test("LAB-21: a proposal that the attack gets by in another form comes behind those that it does not", async () => {
  const { capsule } = await openNotesStage("SoleNotes", 2n);
  const kindsOf = async (options: { adversary?: RaidBudget }) =>
    (await proposePatch(capsule, { now: () => 0, ...options })).proposals.map(({ patch }) =>
      patch.kind === "guardRule" ? patch.rules[0]!.kind : patch.kind,
    );
  // One call a block stops what was recorded; whoever calls once takes as much.
  expect(await kindsOf({})).toEqual(["NO_SAME_BLOCK", "DENY"]);
  expect(await kindsOf({ adversary })).toEqual(["DENY", "NO_SAME_BLOCK"]);
});
