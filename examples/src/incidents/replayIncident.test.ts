// The ten recorded incidents as capsules of state alone: our attacks come from a file, as `testudo replay --tx` takes them.
// Skipped without the data set.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EvmOutcome } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { confirmOn, type Peer } from "@testudo/lab/capsule/confirmOn";
import { edrPeer } from "@testudo/lab/capsule/openEdr";
import { replayCapsule } from "@testudo/lab/capsule/replayCapsule";
import type { Capsule, CapsuleTransaction } from "@testudo/lab/record/Capsule";
import { parseCapsule, parseTransactions } from "@testudo/lab/record/parseCapsule";
import type { CapsuleAttack } from "testudo/backtest/CapsuleAttack";
import { anvilPeer } from "testudo/capsule/openAnvil";
import { describe, expect, test } from "vitest";
import { capsuleAttacks } from "./capsuleAttacks.ts";

const folder = join(process.env.TESTUDO_DATA ?? "", "incidents");
const isSkipped = process.env.TESTUDO_DATA === undefined || !existsSync(folder);
const attacks = isSkipped ? [] : capsuleAttacks(folder);
// EDR takes a transaction of 18 million gas ten seconds, with its traces; anvil has all ten.
const small = new Set(["pikefinance", "seneca", "alkimiya-io", "orbitchain"]);

const quantity = (value: bigint): Hex => `0x${value.toString(16)}`;

/** The attack as a person would write it down, each transaction in a block of its own. */
function fileOf({ transactions }: CapsuleAttack, { block }: Capsule): Uint8Array {
  const written = transactions.map(({ from, to, value, input, gas }, i) => ({
    from,
    to,
    value: quantity(value),
    input,
    gas: quantity(gas),
    blockNumber: Number(block.number) + 1 + i,
  }));
  return new TextEncoder().encode(JSON.stringify(written));
}

function read(attack: CapsuleAttack): { capsule: Capsule; transactions: readonly CapsuleTransaction[] } {
  const recorded = parseCapsule(readFileSync(join(folder, attack.file)), attack.file);
  // The attacks are compiled for it, whatever the chain had at the time.
  const capsule = { ...recorded, hardfork: "cancun" };
  return { capsule, transactions: parseTransactions(fileOf(attack, capsule), attack.name) };
}

async function confirmed(peer: Peer, attack: CapsuleAttack): Promise<void> {
  const { capsule, transactions } = read(attack);
  const watch = attack.protect.map((holder) => ({ holder }));
  const found = await confirmOn(peer, capsule, { transactions, watch });
  expect(found).toMatchObject({ ok: true, transactions: transactions.length, difference: null });
}

describe.skipIf(isSkipped)("recorded incidents (set TESTUDO_DATA to run)", () => {
  // Both take more than any transaction may have since Osaka.
  test.each(
    attacks.filter(({ name }) => /radiantcapital|gamma/.test(name)).map((attack) => [attack.name, attack] as const),
  )("LAB-03: the attack on %s runs to its end where its gas is left out", async (_, attack) => {
    const { capsule } = read(attack);
    const written = JSON.parse(new TextDecoder().decode(fileOf(attack, capsule))) as { gas?: string }[];
    for (const tx of written) delete tx.gas;
    const transactions = parseTransactions(new TextEncoder().encode(JSON.stringify(written)), attack.name);
    const used: (bigint | undefined)[] = [];
    const onOutcome = (one: EvmOutcome) => used.push(one.kind === "ran" && one.succeeded ? one.gasUsed : undefined);
    expect((await replayCapsule(capsule, { transactions, onOutcome })).report.ok).toBe(true);
    expect(used.some((gas) => gas !== undefined && gas > 1n << 24n)).toBe(true);
    expect(used).not.toContain(undefined);
  });

  test.each(attacks.map((attack) => [attack.name, attack] as const))(
    "LAB-03: the attack on %s runs to its end on the recorded state",
    async (_, attack) => {
      const { capsule, transactions } = read(attack);
      const succeeded: boolean[] = [];
      const onOutcome = (one: EvmOutcome) => succeeded.push(one.kind === "ran" && one.succeeded);
      const { report } = await replayCapsule(capsule, { transactions, onOutcome });
      expect(report).toEqual({ ok: true, transactions: transactions.length, divergence: null });
      expect(succeeded).toEqual(transactions.map(() => true));
    },
  );

  test.each(attacks.map((attack) => [attack.name, attack] as const))(
    "EVM-05: anvil comes to the same status, logs, gas and balances as our engine: %s",
    (_, attack) => confirmed(anvilPeer, attack),
  );

  test.each(attacks.filter(({ name }) => small.has(name)).map((attack) => [attack.name, attack] as const))(
    "EVM-05: EDR comes to the same status, logs, gas and balances as our engine: %s",
    (_, attack) => confirmed(edrPeer, attack),
  );
});
