import type { Address, Hex } from "@testudo/core/model/Hex";
import { getAddress } from "viem/utils";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule } from "../record/Capsule.ts";
import type { RecordedAccount } from "../record/recordedState.ts";
import { NotWritable } from "./NotWritable.ts";
import { withBytes } from "./withBytes.ts";

const slotsOfStatement = 32;
/** How far BLOCKHASH reaches back. */
const hashesOfBlock = 256n;

/** Statements that put an account: what it has, its code, its storage. Throws `NotWritable` where its code is not known. */
export function accountStatements(address: Address, { balance, nonce, code, storage }: RecordedAccount): string[] {
  if (code === null) throw new NotWritable(`the code of ${address} is not known`);
  const at = getAddress(address);
  const slots = [...storage].filter(([, word]) => BigInt(word) !== 0n).map(slotText);
  const stores = Array.from({ length: Math.ceil(slots.length / slotsOfStatement) }, (_, i) => {
    const some = slots.slice(i * slotsOfStatement, (i + 1) * slotsOfStatement);
    return `_store(${at},\n${some.join("\n")}\n        );`;
  });
  return [
    `_put(${at}, ${balance}, ${nonce});`,
    ...(code === "0x" ? [] : [withBytes(code, (text) => `vm.etch(${at}, ${text});`)]),
    ...stores,
  ];
}

const slotText = ([key, word]: readonly [Hex, Hex]): string => `            hex"${key.slice(2)}" hex"${word.slice(2)}"`;

/** Statements that enter block `number` of `capsule`, with the hashes that can be asked for there. */
export function blockStatements(capsule: Capsule, number: bigint): string[] {
  const { timestamp, baseFeePerGas, coinbase, prevRandao, difficulty } = blockOf(capsule, number);
  // One opcode has both, the difficulty before the merge.
  const randao = difficulty === undefined ? prevRandao : `bytes32(uint256(${difficulty}))`;
  const hashes = [...(capsule.blockHashes ?? [])].filter(([of]) => of < number && of + hashesOfBlock >= number);
  return [
    `_enter(${number}, ${timestamp}, ${baseFeePerGas}, ${getAddress(coinbase)}, ${randao});`,
    ...hashes.map(([of, hash]) => `vm.setBlockhash(${of}, ${hash});`),
  ];
}
