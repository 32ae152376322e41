import { mnemonicToAccount } from "viem/accounts";
import { bytesToHex } from "viem/utils";
import { expect, test } from "vitest";
import { anvilAccount, anvilKey } from "./anvilAccount.ts";

const mnemonic = "test test test test test test test test test test test junk";

test("behavior: accounts and keys are those that viem derives from the test mnemonic", () => {
  expect(anvilAccount().address).toBe("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  for (const [addressIndex, accountIndex] of [
    [0, 0],
    [9, 0],
    [0, 7],
    [40, 11],
  ] as const) {
    const expected = mnemonicToAccount(mnemonic, { addressIndex, accountIndex });
    expect(anvilAccount(addressIndex, { accountIndex }).address).toBe(expected.address);
    expect(anvilKey(addressIndex, { accountIndex })).toBe(bytesToHex(expected.getHdKey().privateKey!));
  }
});
