import fc from "fast-check";
import { expect, test } from "vitest";
import { addr, runDetector, word } from "../model/detectorCase.testkit.ts";
import { InvariantMalformed, invariant } from "./invariant.ts";

const vault = addr(0x1001);
const solvent = (more: Partial<Parameters<typeof invariant>[0]> = {}) =>
  invariant({
    id: "solvent",
    reads: () => [
      { kind: "call", at: "block", to: vault, data: "0x01" },
      { kind: "call", at: "block", to: vault, data: "0x02" },
    ],
    predicate: ([assets, claims]) => {
      const [a, c] = [assets, claims].map((x) => (x?.ok === true ? BigInt(x.value) : 0n)) as [bigint, bigint];
      return { holds: a >= c, reason: "Claims exceed assets.", evidence: { assets: a, claims: c } };
    },
    ...more,
  });
const run = (assets: bigint, claims: bigint, use = solvent(), watched = [vault]) =>
  runDetector(use, watched, [{ state: (r) => word(r.kind === "call" && r.data === "0x01" ? assets : claims) }])[0]!;

test("tells exactly when the predicate does not hold", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 20n), fc.bigInt(0n, 10n ** 20n), (a, c) => {
      expect(run(a, c).length).toBe(a >= c ? 0 : 1);
    }),
  );
  expect(run(1n, 2n)).toMatchObject([{ severity: "critical", subject: vault, evidence: { assets: 1n, claims: 2n } }]);
});

test("severity, hardness and subject are the author's", () => {
  expect(solvent().meta).toMatchObject({ id: "invariant-solvent", class: "invariant", hard: false });
  expect(solvent({ hard: true }).meta.hard).toBe(true);
  expect(run(1n, 2n, solvent({ severity: "low" }))[0]?.severity).toBe("low");
});

test("a subject in the case of a checksum is the address that everybody else means", () => {
  const other = addr(0xabcdef);
  const subject = `0x${other.slice(2).toUpperCase()}` as const;
  const use = solvent({ predicate: () => ({ holds: false, reason: "No.", evidence: {}, subject }) });
  expect(run(1n, 1n, use)[0]?.subject).toBe(other);
});

test("a revert reaches the predicate, and without state or a protected address nothing is said", () => {
  expect(runDetector(solvent(), [vault], [{ state: () => undefined }])[0]).toEqual([]);
  expect(runDetector(solvent(), [vault], [{ has: ["L"] }])[0]).toEqual([]);
  expect(run(1n, 2n, solvent(), [])).toEqual([]);
});

test("error: a malformed rule is refused with the way out", () => {
  expect(() => solvent({ id: "Not Good" })).toThrow(InvariantMalformed);
  expect(() => solvent({ id: "Not Good" })).toThrow(/Allowed are ids/);
});

test.each([
  ["an address that is none", { kind: "call", at: "block", to: "Vault", data: "0x01" }, '"Vault" is no address'],
  ["calldata that is none", { kind: "call", at: "block", to: vault, data: "0x0" }, '"0x0" is no calldata'],
  ["a slot that is none", { kind: "slot", at: "block", address: vault, slot: "5" }, '"5" is no slot'],
  ["a block that is none", { kind: "call", at: "latest", to: vault, data: "0x01" }, '"latest" is no moment'],
])("error: a read of %s is the rule's fault, and no node is asked", (_, read, said) => {
  const use = solvent({ reads: () => [read as never] });
  const asked: unknown[] = [];
  const state = (one: unknown) => void asked.push(one);
  expect(() => runDetector(use, [vault], [{ state }])).toThrow(said);
  expect(asked).toEqual([]);
});

test("error: a rule whose reads are no list is refused by name", () => {
  expect(() => run(1n, 1n, solvent({ reads: () => undefined as never }))).toThrow(
    'Invariant "solvent" cannot be used: reads gives no list.',
  );
});
