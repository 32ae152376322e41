import { zeroAddress } from "@testudo/core/model/Asset";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { type Address, addressOfWord } from "@testudo/core/model/Hex";
import { toEventSelector } from "viem/utils";

const transferTopic = toEventSelector("Transfer(address,address,uint256)");

/**
 * What leaves `accounts` for others in a call tree, by token and in its smallest unit; native under the zero address. What
 * comes back is not counted against it. Only what tokens tell by ERC-20's Transfer event is seen; failed calls move nothing.
 */
export function lossOf(frame: CallFrame, accounts: readonly Address[]): ReadonlyMap<Address, bigint> {
  const loss = new Map<Address, bigint>();
  const add = (asset: Address, from: Address, to: Address, amount: bigint) => {
    if (amount > 0n && accounts.includes(from) && !accounts.includes(to))
      loss.set(asset, (loss.get(asset) ?? 0n) + amount);
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
  return loss;
}
