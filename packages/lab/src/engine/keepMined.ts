import { keccak_256 } from "@noble/hashes/sha3.js";
import { createdIn } from "@testudo/core/model/CallTree";
import type { Address } from "@testudo/core/model/Hex";
import { fromHex, toHex, toWordBytes } from "../record/bytes.ts";
import { hexSchema, quantitySchema } from "../record/recordedSchema.ts";
import type { DevNode } from "./DevNode.ts";
import type { Mined } from "./mineOne.ts";
import { type Touched, unknownCode } from "./shownState.ts";
import { emptyCode, emptyCodeHash, type WorldAccount, type WorldState } from "./WorldState.ts";

const noAccount: WorldAccount = { balance: 0n, nonce: 0n, code: emptyCode, codeHash: emptyCodeHash };

/** Writes into `world` what `node` has of all that `mined` touched. */
export async function keepMined(world: WorldState, node: DevNode, { touched, trace }: Mined): Promise<void> {
  for (const address of createdIn(trace)) world.clearSlots(address);
  for (const address of touched.accounts) await keepAccount(world, node, address);
  await keepSlots(world, node, touched);
}

async function keepAccount(world: WorldState, node: DevNode, address: Address): Promise<void> {
  const ask = (method: string) => node.request(method, [address, "latest"]);
  const [balance, nonce, code] = await Promise.all([
    ask("eth_getBalance").then((value) => quantitySchema.parse(value)),
    ask("eth_getTransactionCount").then((value) => quantitySchema.parse(value)),
    ask("eth_getCode").then((value) => hexSchema.parse(value)),
  ]);
  const was = (await world.account(address)) ?? noAccount;
  const isSameCode = code === (was.code === undefined ? unknownCode : toHex(was.code));
  if (isSameCode && balance === was.balance && nonce === was.nonce) return;
  if (isSameCode) return world.setAccount(address, { ...was, balance, nonce });
  const bytes = fromHex(code);
  await world.setAccount(address, { balance, nonce, code: bytes, codeHash: keccak_256(bytes) });
}

async function keepSlots(world: WorldState, node: DevNode, { slots }: Touched): Promise<void> {
  for (const [address, keys] of slots)
    await Promise.all(
      [...keys].map(async (key) => {
        const word = await node.request("eth_getStorageAt", [address, `0x${BigInt(key).toString(16)}`, "latest"]);
        const bytes = toWordBytes(quantitySchema.parse(word));
        if (toHex(await world.slot(address, key)) !== toHex(bytes)) await world.setSlot(address, key, bytes);
      }),
    );
}
