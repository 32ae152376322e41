import { parseStateTest } from "./parseStateTest.ts";
import { readObject } from "./readField.ts";
import type { StateTest } from "./StateTest.ts";

/** What one file holds: tests, tests that could not be read, and what is a test of another kind. */
export interface ParsedFile {
  readonly tests: readonly StateTest[];
  readonly faults: readonly { readonly name: string; readonly why: string }[];
  readonly foreign: readonly { readonly name: string; readonly kind: string }[];
}

/** The state tests of a file's text. A test that is malformed spoils no other. Throws where the file is none at all. */
export function parseStateTests(text: string): ParsedFile {
  // Some editors begin a file with a mark of its byte order, which is no JSON.
  const whole: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
  // Some other kinds of tests are lists.
  const found = Object.entries(Array.isArray(whole) ? whole : readObject(whole, "The file"));
  const tests: StateTest[] = [];
  const faults: { name: string; why: string }[] = [];
  const foreign: { name: string; kind: string }[] = [];
  for (const [name, value] of found) {
    const kind = kindOf(value);
    if (kind !== undefined) foreign.push({ name, kind });
    else
      try {
        tests.push(parseStateTest(name, value));
      } catch (error) {
        faults.push({ name, why: (error as Error).message });
      }
  }
  return { tests, faults, foreign };
}

// The releases of tests come with other kinds beside state tests, in the same folders and the same frame.
function kindOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "a test of another kind";
  if ("genesisBlockHeader" in value || "engineNewPayloads" in value) return "a blockchain test";
  if ("txbytes" in value && "result" in value) return "a transaction test";
  if ("vectors" in value) return "a test of containers";
  if ("exec" in value) return "a test of single operations in the oldest layout";
  // Of tries, RLP, difficulty and more. One that has any part of a state test, or nothing at all, is a state test that is broken.
  const isStateTest = ["env", "pre", "transaction", "post"].some((part) => part in value);
  return isStateTest || Object.keys(value).length === 0 ? undefined : "a test of another kind";
}
