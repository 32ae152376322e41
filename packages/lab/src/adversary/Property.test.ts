import { parseAbi } from "viem";
import { expect, test } from "vitest";
import { unaskedIn } from "./Property.ts";

test("LAB-35: what is named like a property and cannot be asked is told", () => {
  const abi = parseAbi([
    "function echidna_ok() view returns (bool)",
    "function invariant_ok()",
    "function echidna_number() view returns (uint256)",
    "function echidna_of(uint256) view returns (bool)",
    "function invariant_of(address)",
    "function move(uint256)",
  ]);
  expect(unaskedIn(abi)).toEqual([
    "echidna_number is not asked: it does not give one bool.",
    "echidna_of is not asked: it takes arguments.",
    "invariant_of is not asked: it takes arguments.",
  ]);
});
