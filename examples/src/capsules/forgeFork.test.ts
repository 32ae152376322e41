// forge on a capsule that is served: its tests see the recorded state and nothing else.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { forgeIn } from "@testudo/contracts/forge";
import type { Hex } from "@testudo/core/model/Hex";
import { serveCapsule } from "@testudo/lab/capsule/serveCapsule";
import type { Capsule } from "@testudo/lab/record/Capsule";
import { getAddress } from "viem/utils";
import { beforeAll, expect, test } from "vitest";

// In the cache and not in a temporary folder, so that forge keeps what it has compiled.
const folder = fileURLToPath(new URL("../../../.cache/capsule-fork", import.meta.url));
const store: Hex = `0x${"5a".repeat(20)}`;
const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const capsule: Capsule = {
  name: "small",
  chainId: 1,
  block: { number: 20_000_000n, timestamp: 1_717_281_407n, baseFeePerGas: 7n },
  accounts: new Map([
    // Returns slot 0, and adds one to it where it is called with something.
    [
      store,
      {
        balance: 12n,
        nonce: 1n,
        code: "0x3615600e576001600054016000555b60005460005260206000f3",
        storage: new Map([[word(0), word(41)]]),
      },
    ],
  ]),
};

const source = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

contract ForkTest {
    address constant STORE = ${getAddress(store)};

    function ask(bytes memory input) internal returns (uint256) {
        (bool ok, bytes memory output) = STORE.call(input);
        require(ok);
        return abi.decode(output, (uint256));
    }

    function test_seesTheRecordedState() external {
        require(block.number == 20_000_000 && block.chainid == 1 && block.timestamp == 1_717_281_407, "block");
        require(STORE.balance == 12, "balance");
        require(ask("") == 41, "before");
        ask("1");
        require(ask("") == 42, "after");
    }

    function test_seesNothingElse() external view {
        require(address(0x1234567890123456789012345678901234567890).balance == 0, "balance");
    }
}
`;

beforeAll(() => {
  mkdirSync(join(folder, "test"), { recursive: true });
  writeFileSync(join(folder, "foundry.toml"), '[profile.default]\nsolc = "0.8.37"\nno_storage_caching = true\n');
  writeFileSync(join(folder, "test", "Fork.t.sol"), source);
});

test("LAB-02: forge forks from a served capsule, and what it lacked is listed", async () => {
  const served = await serveCapsule(capsule);
  try {
    const { code, stdout } = await forgeIn(folder, ["test", "--fork-url", served.url, "--color", "never"]);
    expect(stdout).toContain("[PASS] test_seesTheRecordedState");
    expect(stdout).toContain("[PASS] test_seesNothingElse");
    expect(code).toBe(0);
    expect(served.missing().accounts).toContain("0x1234567890123456789012345678901234567890");
  } finally {
    await served.close();
  }
}, 600_000);
