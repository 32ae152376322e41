import { createMPT } from "@ethereumjs/mpt";
import { RLP } from "@ethereumjs/rlp";
import type { Hex } from "@testudo/core/model/Hex";
import fc from "fast-check";
import { bytesToHex, hexToBytes } from "viem/utils";
import { expect, test } from "vitest";
import { listRoot } from "./listRoot.ts";

async function rootElsewhere(values: readonly Hex[]): Promise<Hex> {
  const trie = await createMPT({ useKeyHashing: false });
  for (const [place, value] of values.entries()) await trie.put(RLP.encode(place), hexToBytes(value));
  return bytesToHex(trie.root());
}

test("STREAM-17: the root of a list is that of another library, of any length", async () => {
  // Keys of one byte end at 127, those of two at 255.
  for (const length of [0, 1, 2, 3, 16, 17, 127, 128, 129, 130, 255, 256, 257, 700]) {
    const values = Array.from(
      { length },
      (_, i): Hex => `0x${(i + 1).toString(16).padStart(2 * (1 + (i % 70)), "c0")}`,
    );
    expect(listRoot(values), `${length}`).toBe(await rootElsewhere(values));
  }
});

test("STREAM-17: … and of any values", async () => {
  const value = fc.uint8Array({ minLength: 1, maxLength: 90 }).map((bytes) => bytesToHex(bytes));
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 150 }), async (values) => {
      expect(listRoot(values)).toBe(await rootElsewhere(values));
    }),
    { numRuns: 60 },
  );
});
