import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { wrapLine } from "./wrapLine.ts";

test("behavior: breaks between words and indents what follows", () => {
  expect(wrapLine("  decided  propose a pause of two functions", 24, 4)).toBe(
    "  decided  propose a\n    pause of two\n    functions",
  );
});

test("behavior: colours take no room", () => {
  expect(wrapLine("\u001b[31mred\u001b[39m and blue", 12)).toBe("\u001b[31mred\u001b[39m and blue");
});

test("property: no line is wider than asked unless one word is, and no word is lost", () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(words, fc.integer({ min: 24, max: 160 }), (list, width) => {
      const lines = wrapLine(list.join(" "), width).split("\n");
      expect(lines.every((line) => stripVTControlCharacters(line).length <= width)).toBe(true);
      expect(lines.join(" ").split(/\s+/).filter(Boolean)).toEqual(list);
    }),
  );
});
