import { expect, test } from "vitest";
import { createdAddress } from "./createdAddress.ts";

test("gives the addresses that the chain gives", () => {
  const from = "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0";
  expect(createdAddress(from, 0)).toBe("0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d");
  expect(createdAddress(from, 1)).toBe("0x343c43a37d37dff08ae8c4a11544c718abb4fcf8");
  expect(createdAddress("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266", 200)).toMatch(/^0x[0-9a-f]{40}$/);
});
