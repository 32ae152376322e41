import { expect, test } from "vitest";
import { emptyCall } from "./emptyCall.ts";

const words = (signature: string) => (emptyCall(signature).length - 10) / 64;

test.each([
  ["close()", 0],
  ["withdraw(uint256)", 1],
  ["open(address,bool,int24,bytes4)", 4],
  ["mixed(bytes,string)", 4],
  ["many(uint256[],address[3])", 5],
  ["deep((uint256,(address,bytes32)[2])[1],uint8)", 6],
] as const)("behavior: the empty call of %s has %i words of zeros or offsets", (signature, count) => {
  expect(words(signature)).toBe(count);
});

test("behavior: an empty call begins with the function's selector and says nothing else", () => {
  expect(emptyCall("withdraw(uint256)")).toBe(`0x2e1a7d4d${"0".repeat(64)}`);
});
