import { expect, test } from "vitest";
import { canonicalJson } from "./canonicalJson.ts";
import type { FindingDraft } from "./Finding.ts";
import type { Address } from "./Hex.ts";
import { DraftMalformed, soundDraft } from "./soundDraft.ts";

const subject: Address = "0x00000000000000000000000000000000000000aa";
const draft: FindingDraft = {
  severity: "high",
  reason: "Too much left.",
  subject,
  key: ["k"],
  score: 0.5,
  evidence: {},
};

test("behavior: what fits stays as it is", () => {
  const full = { ...draft, addresses: [subject], evidence: { taken: 5n, of: ["a", { b: null }], isNew: true } };
  expect(soundDraft(full)).toEqual(full);
});

test("DET-05: what a stranger made too long is cut, says so, and does not silence it", () => {
  const addresses = Array.from({ length: 5_000 }, (_, i): Address => `0x${String(i).padStart(40, "0")}`);
  const sound = soundDraft({
    ...draft,
    reason: "x".repeat(5_000_000),
    addresses,
    evidence: {
      name: `${"y".repeat(3_998)}😀${"y".repeat(2)}`,
      touched: addresses,
      book: Object.fromEntries(addresses.map((address) => [address, 1n])),
      after: "still told",
    },
  });
  expect(sound.reason).toBe(`${"x".repeat(3_999)}… and 4996001 more`);
  expect(sound.addresses).toEqual(addresses.slice(0, 1_000));
  const { name, touched, book, after } = sound.evidence as Record<string, never>;
  expect(name).toBe(`${"y".repeat(3_998)}… and 4 more`);
  expect(touched).toEqual([...addresses.slice(0, 1_000), "and 4000 more"]);
  expect(Object.entries(book!).slice(-2)).toEqual([
    [addresses[999], 1n],
    ["…", "and 4000 more"],
  ]);
  expect(after).toBe("still told");
});

test("DET-05: nor do many lists within lists, and the whole stays small", () => {
  const row = Array.from({ length: 1_000 }, () => "z".repeat(4_000));
  const sound = soundDraft({ ...draft, evidence: { rows: Array.from({ length: 1_000 }, () => row) } });
  expect(canonicalJson(sound).length).toBeLessThan(2_000_000);
});

test("error: a key is never cut", () => {
  const long = { ...draft, key: ["k".repeat(4_001)] };
  expect(() => soundDraft(long)).toThrow(DraftMalformed);
  expect(() => soundDraft({ ...draft, key: Array.from({ length: 1_001 }, () => "k") })).toThrow(/1000 texts/);
  expect(soundDraft({ ...draft, key: ["k".repeat(4_000)] }).key).toEqual(["k".repeat(4_000)]);
});
