// Run as a process of its own by killed.test.ts: leases nonces for one action after the other and names each stored transaction.
import { hashOf } from "@testudo/core/model/Record";
import { privateKeyToAccount } from "viem/accounts";
import { keccak256 } from "viem/utils";
import { leaseNonce } from "./leaseNonce.ts";
import { openStore } from "./openStore.ts";

const store = await openStore(process.argv[2]!);
const account = privateKeyToAccount(`0x${"7".repeat(64)}`);
const run = process.argv[3]!;
for (let i = 0; ; i++) {
  const action = hashOf(["action", run, i]);
  const request = { chainId: 31337, sender: account.address, chainNonce: 0, action };
  const { nonce, hash } = await leaseNonce(store, request, async (nonce) => {
    const fees = { maxFeePerGas: BigInt(process.pid), maxPriorityFeePerGas: 1n, gas: 100_000n };
    const raw = await account.signTransaction({
      type: "eip1559",
      chainId: 31337,
      nonce,
      to: `0x${"c0".repeat(20)}`,
      ...fees,
    });
    return { raw, hash: keccak256(raw) };
  });
  process.stdout.write(`${JSON.stringify({ action, nonce, hash })}\n`);
}
