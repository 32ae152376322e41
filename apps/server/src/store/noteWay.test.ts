import { hashOf } from "@testudo/core/model/Record";
import { privateKeyToAccount } from "viem/accounts";
import { keccak256 } from "viem/utils";
import { afterAll, expect, test } from "vitest";
import { leaseNonce, storeReplacement } from "./leaseNonce.ts";
import { noteOffer, notePublic } from "./noteWay.ts";
import { storeFixture } from "./storeFolder.testkit.ts";
import { verifyStore } from "./verifyStore.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);

const account = privateKeyToAccount(`0x${"7".repeat(64)}`);
const chainId = 31_337;
async function signed(nonce: number, tipWei: bigint) {
  const fees = { maxFeePerGas: 10n ** 9n, maxPriorityFeePerGas: tipWei, gas: 100_000n };
  const raw = await account.signTransaction({ type: "eip1559", chainId, nonce, to: `0x${"c0".repeat(20)}`, ...fees });
  return { raw, hash: keccak256(raw) };
}

test("RESP-12: the count begins with the first offer of any bytes of the action, and public stays public", async () => {
  const store = await fixture.empty();
  const lease = (name: string) =>
    leaseNonce(store, { chainId, sender: account.address, chainNonce: 0, action: hashOf(name) }, (nonce) =>
      signed(nonce, 1n),
    );
  const [first, other] = [await lease("a"), await lease("b")];
  expect(await noteOffer(store, first, 100n)).toEqual({ firstBlock: 100n, isPublic: false });
  expect(await noteOffer(store, first, 101n)).toEqual({ firstBlock: 100n, isPublic: false });
  const raised = await storeReplacement(store, first.action, await signed(first.nonce, 2n));
  expect(await noteOffer(store, raised, 102n)).toEqual({ firstBlock: 100n, isPublic: false });
  await notePublic(store, raised.hash, 103n);
  await notePublic(store, raised.hash, 104n);
  // A reorg has made the chain shorter.
  expect(await noteOffer(store, first, 99n)).toEqual({ firstBlock: 99n, isPublic: true });
  expect(await noteOffer(store, other, 104n)).toEqual({ firstBlock: 104n, isPublic: false });
  const rows = await store.db
    .selectFrom("transactions")
    .select(["relay_block", "public_block"])
    .orderBy("id")
    .execute();
  expect(rows).toEqual([
    { relay_block: 100, public_block: null },
    { relay_block: 104, public_block: null },
    { relay_block: 102, public_block: 103 },
  ]);
  expect((await verifyStore(store)).fault).toBeUndefined();
  await store.close();
});
