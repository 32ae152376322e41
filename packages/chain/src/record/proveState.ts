import type { Address, Hex } from "@testudo/core/model/Hex";
import type { MetAccount } from "@testudo/core/model/TxRecord";
import * as Hash from "ox/Hash";
import * as Rlp from "ox/Rlp";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { type Fields, type Source, toBytes, toFields, toHash, toList } from "../wire/parseField.ts";
import { verifyProof } from "./verifyProof.ts";

const method = "eth_getProof";
const emptyTrie: Hex = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
const nobody = { balance: 0n, nonce: 0n, storageRoot: emptyTrie, codeHash: Hash.keccak256("0x") };

/**
 * Whether the node has a proof for all of `accounts` in the block `blockHash`: each balance, nonce, code and slot. False where
 * it does not make proofs. Throws `ProofBroken` where one does not lead from the header to what was read.
 */
export async function proveState(
  endpoint: Endpoint,
  blockHash: Hex,
  accounts: ReadonlyMap<Address, MetAccount>,
): Promise<boolean> {
  const blockSource = { method: "eth_getBlockByHash", endpoint: endpoint.label };
  const block = toFields(blockSource, "block", await endpoint.request("eth_getBlockByHash", [blockHash, false]));
  const stateRoot = toHash(blockSource, "stateRoot", block.stateRoot);
  const answers = await endpoint.batch(
    [...accounts].map(([address, { storage }]) => ({ method, params: [address, [...storage.keys()], { blockHash }] })),
  );
  const source = { method, endpoint: endpoint.label };
  for (const [i, [address, account]] of [...accounts].entries()) {
    const answer = answers[i]!;
    if (!answer.ok) return false;
    proveAccount(stateRoot, address, account, toFields(source, "result", answer.result), source);
  }
  return true;
}

function proveAccount(stateRoot: Hex, address: Address, account: MetAccount, proof: Fields, source: Source): void {
  const found = verifyProof(stateRoot, address, nodesOf(proof.accountProof, source));
  const { balance, nonce, storageRoot, codeHash } = found === null ? nobody : toAccount(found);
  assertSame(`balance of ${address}`, balance, account.balance);
  assertSame(`nonce of ${address}`, nonce, account.nonce);
  assertSame(`code of ${address}`, codeHash, Hash.keccak256(account.code ?? "0x"));
  const slots = toList(source, "storageProof", proof.storageProof).map((one) => toFields(source, "storageProof", one));
  for (const [i, [key, word]] of [...account.storage].entries()) {
    const value = verifyProof(storageRoot, key, nodesOf(slots[i]?.proof, source));
    assertSame(`slot ${key} of ${address}`, value === null ? 0n : toNumber(Rlp.toHex(value) as Hex), BigInt(word));
  }
}

function toAccount(rlp: Hex) {
  const [nonce, balance, storageRoot, codeHash] = Rlp.toHex(rlp) as unknown as readonly Hex[];
  return { nonce: toNumber(nonce!), balance: toNumber(balance!), storageRoot: storageRoot!, codeHash: codeHash! };
}

function toNumber(hex: Hex): bigint {
  return hex === "0x" ? 0n : BigInt(hex);
}

function nodesOf(value: unknown, source: Source): Hex[] {
  return toList(source, "proof", value).map((node) => toBytes(source, "proof[]", node));
}

function assertSame(what: string, proved: bigint | Hex, read: bigint | Hex): void {
  if (proved !== read) throw new StateDisproved(what, `${proved}`, `${read}`);
}

/** A node's proof shows another value than its answer. Not retryable at this node. */
export class StateDisproved extends Error {
  override readonly name = "StateDisproved";
  constructor(what: string, proved: string, read: string) {
    super(
      [
        `The node answers ${read.slice(0, 80)} for the ${what}, and proves ${proved.slice(0, 80)}.`,
        "- What is recorded has to be what the header commits to.",
        "- The node is faulty, or lies; use another.",
      ].join("\n"),
    );
  }
}
