import fc from "fast-check";
import { expect, test } from "vitest";
import { defang } from "./defang.ts";
import { escapeLine } from "./escapeText.ts";

test("DELIV-04: a host's name is broken up whatever its letters are written with", () => {
  const shown = (text: string) => defang(`see ${text}/claim`);
  expect(shown("evil.example")).toBe("see evil[.]example/claim");
  // An accent of its own before the stop, and vowel signs before and behind it, as in Hindi.
  expect(shown("cafe\u0301.com")).toBe("see cafe\u0301[.]com/claim");
  expect(shown("\u0939\u093f\u0928\u094d\u0926\u0940.com")).toBe(
    "see \u0939\u093f\u0928\u094d\u0926\u0940[.]com/claim",
  );
  expect(shown("evil.\u092d\u093e\u0930\u0924")).toBe("see evil[.]\u092d\u093e\u0930\u0924/claim");
});

// What IDNA leaves out of a name, and no font shows: variation selectors, the grapheme joiner, fillers of Hangul.
const unseen = ["\ufe00", "\ufe0f", "\u{e0100}", "\u034f", "\u115f", "\u1160", "\u3164", "\uffa0", "\u17b4", "\u180b"];

test("DELIV-04: what nobody sees is no part of a text that a person reads", () => {
  for (const mark of unseen) {
    expect(escapeLine(`0x${mark}12${mark}`)).toBe("0x12");
    expect(defang(`evil${mark}.${mark}example`)).toBe("evil[.]example");
  }
});

test("DELIV-04: a text that a person reads holds nothing unseen, whatever it was", () => {
  const text = fc.string({ unit: fc.oneof(fc.constantFrom(...unseen, "a", "."), fc.string({ unit: "binary" })) });
  fc.assert(
    fc.property(text, (nasty) => void expect(escapeLine(nasty)).not.toMatch(/\p{Default_Ignorable_Code_Point}/u)),
  );
});
