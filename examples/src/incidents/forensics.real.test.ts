// The recorded incidents, attacked as they were and explained. Needs TESTUDO_DATA.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { examineTransaction } from "@testudo/lab/forensics/examineTransaction";
import type { AttackClass } from "@testudo/lab/forensics/Report";
import { runExamined } from "@testudo/lab/forensics/runExamined";
import { parseCapsule } from "@testudo/lab/record/parseCapsule";
import { recordedState } from "@testudo/lab/record/recordedState";
import { describe, expect, test } from "vitest";
import { capsuleAttacks } from "./capsuleAttacks.ts";
import type { IncidentSlug } from "./incidents.ts";

const folder = join(process.env.TESTUDO_DATA ?? ".", "incidents");
const isHere = process.env.TESTUDO_DATA !== undefined && existsSync(folder);

/** What has to be among the classes of each; for the market that trusted an old price nothing in the trace says so. */
const classes: { readonly [slug in IncidentSlug]: AttackClass } = {
  predyfinance: "reentrancy",
  radiantcapital: "rounding",
  woofi: "price-manipulation",
  pikefinance: "uninitialised-proxy",
  "alkimiya-io": "rounding",
  seneca: "approval-drain",
  compounduni: "flash-loan",
  orbitchain: "bridge-message",
  gamma: "price-manipulation",
  lavalending: "price-manipulation",
};

describe.skipIf(!isHere)("recorded incidents (set TESTUDO_DATA to run)", () => {
  test.each(Object.entries(classes))(
    "LAB-15: %s is an attack, and shows %s",
    async (slug, expected) => {
      const attack = capsuleAttacks(folder).find(({ name }) => name === slug)!;
      const capsule = parseCapsule(readFileSync(join(folder, attack.file)), attack.file);
      const rich = { balance: 10_000n * 10n ** 18n, nonce: 0n, code: "0x", storage: new Map() } as const;
      const accounts = new Map(capsule.accounts).set(attack.attacker, rich);
      const block = {
        chainId: capsule.chainId,
        number: capsule.block.number + 1n,
        timestamp: capsule.block.timestamp + 1n,
        baseFeePerGas: capsule.block.baseFeePerGas,
        gasLimit: 1_000_000_000n,
        coinbase: `0x${"0".repeat(40)}`,
        prevRandao: `0x${"0".repeat(64)}`,
        // The attacks are compiled for it, whatever the chain had at the time.
        hardfork: "cancun",
      } as const;
      const source = recordedState({ accounts, absentSlots: "zero" });
      const report = await examineTransaction(
        await runExamined({ source, block, transactions: attack.transactions.map((tx) => ({ tx })) }),
      );
      expect(report.verdict).toBe("attack");
      expect(report.classification.map((one) => one.class)).toContain(expected);
      const victims = report.parties.filter(({ role }) => role === "victim").map(({ id }) => id);
      expect(victims.some((address) => attack.protect.some((one) => one === address))).toBe(true);
      // That a price is old leaves no mark in a trace.
      expect(report.rootCause === null).toBe(slug === "compounduni");
      const sums = new Map<string, bigint>();
      for (const { amounts } of report.flow.net)
        for (const { asset, amount } of amounts) sums.set(asset, (sums.get(asset) ?? 0n) + amount);
      expect([...sums.values()].filter((sum) => sum !== 0n)).toEqual([]);
    },
    120_000,
  );
});
