import { canonicalJson } from "@testudo/core/model/canonicalJson";
import fc from "fast-check";
import { expect, test } from "vitest";
import { plainTitle } from "./plainTitle.ts";
import { reportBody } from "./reportSchema.ts";
import { reportDraft } from "./reports.testkit.ts";

const isTaken = (title: string) => reportBody.safeParse({ ...JSON.parse(canonicalJson(reportDraft)), title }).success;

test("security: whatever text a title is made of, a server takes it: no report is lost for its words", () => {
  const digits = fc.array(fc.constantFrom(..."0123456789abcdefABCDEF", "\u0000", "\u202e"), { maxLength: 400 });
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 900 }),
    fc.string({ unit: "grapheme", maxLength: 900 }),
    digits.map((list) => list.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => isTaken(plainTitle(text))),
    { numRuns: 500 },
  );
});

test("behavior: a title keeps its words; calldata, escapes, links and what is too long are cut", () => {
  expect(plainTitle("drains the vault")).toBe("drains the vault");
  expect(plainTitle(`calls 0x${"ab".repeat(36)} twice`)).toBe("calls 0xabababab… twice");
  expect(plainTitle(`${"a".repeat(40)}\u0000${"b".repeat(40)}`)).toBe("aaaaaaaa…");
  expect(plainTitle("see https://evil.example\u001b[2J")).toBe("see https[://]evil.example");
  expect(plainTitle("😀".repeat(300))).toBe(`${"😀".repeat(149)}…`);
  expect(plainTitle("\u0000")).toBe("An attack without a name.");
});
