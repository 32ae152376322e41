import type { SentBlock } from "@testudo/chain/block/fetchSentBlock";
import type { StateSource } from "@testudo/core/model/Evm";
import { type Address, type Hex, toWord } from "@testudo/core/model/Hex";
import { keccak256 } from "viem/utils";

const beaconRoots: Address = "0x000f3df6d732807ef1319fb7b8bb8522d0beac02";
const historyStorage: Address = "0x0000f90827f1c53a10cb7a02335b175320002935";
// Of the code that the EIPs give. What other code would do when the chain calls it, nobody here knows.
const codeHashes: { readonly [address: Address]: Hex } = {
  [beaconRoots]: "0xf57acd40259872606d76197ef052f3d35588dadf919ee1f0e3cb9b62d3f4b02c",
  [historyStorage]: "0x6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d",
};
const ringLength = 8_191n;

/**
 * `source`, the state before a block, with what the chain itself writes into the block before its first transaction: roots of the
 * beacon chain (EIP-4788) and the hash of the block before (EIP-2935). Written, and not called for: a call would leave traces of
 * its own, such as the nonce of whom it is made by.
 */
export function withChainsWrites(source: StateSource, { header, ...sent }: SentBlock): StateSource {
  const words = new Map<string, Hex>();
  const put = (address: Address, slot: bigint, value: bigint | Hex) =>
    words.set(`${address}${wordOf(slot)}`, wordOf(BigInt(value)));
  if (sent.parentBeaconBlockRoot !== undefined) {
    const place = header.timestamp % ringLength;
    put(beaconRoots, place, header.timestamp);
    put(beaconRoots, place + ringLength, sent.parentBeaconBlockRoot);
  }
  if (sent.keepsHashes) put(historyStorage, (header.number - 1n) % ringLength, header.parentHash);
  return {
    account: (address) => source.account(address),
    blockHash: (number) => source.blockHash(number),
    async slot(address, key) {
      const written = words.get(`${address}${key}`);
      if (written === undefined) return source.slot(address, key);
      const { code } = (await source.account(address)) ?? {};
      return code != null && keccak256(code) === codeHashes[address] ? written : source.slot(address, key);
    },
  };
}

function wordOf(value: bigint): Hex {
  return `0x${toWord(value)}`;
}
