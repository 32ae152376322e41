import { zeroAddress } from "@testudo/core/model/Asset";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { type Address, addressOfWord } from "@testudo/core/model/Hex";
import { toEventSelector } from "viem/utils";

const transferTopic = toEventSelector("Transfer(address,address,uint256)");

/**
 * By how much `accounts` together have less after a call tree, by token and in its smallest unit; native under the zero address. What
 * they get of the same is counted against it: who puts in and takes out again has taken nothing. Only what tokens tell by ERC-20's
 * Transfer event is seen, and whoever calls himself a token is believed; failed calls move nothing.
 */
export function lossOf(frame: CallFrame, accounts: readonly Address[]): ReadonlyMap<Address, bigint> {
  const loss = new Map<Address, bigint>();
  const add = (asset: Address, from: Address, to: Address, amount: bigint) => {
    const change = (accounts.includes(from) ? amount : 0n) - (accounts.includes(to) ? amount : 0n);
    if (change !== 0n) loss.set(asset, (loss.get(asset) ?? 0n) + change);
  };
  const walk = ({ error, from, to, value, logs, calls }: CallFrame): void => {
    if (error !== undefined) return;
    add(zeroAddress, from, to, value);
    for (const { address, topics, data } of logs) {
      const [topic, sender, receiver] = topics;
      if (topic !== transferTopic || sender === undefined || receiver === undefined || topics.length !== 3) continue;
      add(address, addressOfWord(sender), addressOfWord(receiver), data.length === 66 ? BigInt(data) : 0n);
    }
    for (const call of calls) walk(call);
  };
  walk(frame);
  return new Map([...loss].filter(([, amount]) => amount > 0n));
}
