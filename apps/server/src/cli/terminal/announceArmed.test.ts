import { expect, test } from "vitest";
import { announceArmed } from "./announceArmed.ts";

const at = (number: bigint) => ({ cursor: { number } as never });

function opened() {
  const written: string[] = [];
  const terminal = { isTTY: true, write: (text: string) => written.push(text) };
  return { written, armed: announceArmed({ head: 100n, print: () => {}, terminal }) };
}

test("a watch that ends while it reads history ends the line of its progress", () => {
  const { written, armed } = opened();
  armed.onStored(at(10n));
  armed.end();
  expect(written.at(-1)).toBe("\n");
});

test("a watch that has caught up, or told nothing yet, ends no line", () => {
  const { written, armed } = opened();
  armed.end();
  expect(written).toEqual([]);
  armed.onStored(at(10n));
  armed.onStored(at(100n));
  armed.end();
  expect(written.at(-1)).not.toBe("\n");
});
