// What a proposal would do, from its run on a fork, or where there is none from its calldata alone.

import { type Asset, native } from "../../model/Asset.ts";
import { assetFlowOf } from "../../model/AssetFlow.ts";
import type { Transaction } from "../../model/BlockBundle.ts";
import { logsOf } from "../../model/CallTree.ts";
import { type Address, addressOfWord, wordAt } from "../../model/Hex.ts";
import { selectorOf } from "../../model/KnownSignature.ts";
import type { TriedRun } from "../../model/StateRead.ts";
import { bySelector, eventTopic } from "../../model/signatureHash.ts";
import type { AdminEvent } from "../../signs/AdminEvent.ts";
import { changesAmong, isTightened } from "../../signs/ControlChange.ts";
import type { ProposedCall } from "../../signs/Proposal.ts";

/** An amount of an asset that a treasury would send away, or let others take. */
export interface Outgoing {
  readonly holder: Address;
  readonly asset: Asset;
  readonly amount: bigint;
  readonly how: "sent" | "approved";
}

/** Changes of control and outgoing assets. */
export interface Effects {
  readonly changes: readonly AdminEvent[];
  readonly outgoing: readonly Outgoing[];
}

const approval = eventTopic("Approval(address,address,uint256)");

/** What `runs` did: changes that `governed` addresses tell of, and what left `treasuries` for others. */
export function effectsOf(
  runs: readonly TriedRun[],
  governed: ReadonlySet<Address>,
  treasuries: ReadonlySet<Address>,
): Effects {
  const lasted = runs.filter(({ succeeded }) => succeeded);
  const logs = lasted.flatMap(({ trace }) => logsOf(trace));
  return {
    changes: changesAmong(logs).filter((event) => governed.has(event.address) && !isTightened(event)),
    outgoing: [...sentBy(lasted, treasuries), ...approvedBy(logs, treasuries)],
  };
}

function sentBy(runs: readonly TriedRun[], treasuries: ReadonlySet<Address>): Outgoing[] {
  const nets = new Map<string, Outgoing>();
  for (const { trace } of runs) {
    const tx: Transaction = { ...trace, hash: "0x", index: 0, nonce: 0 };
    const { net } = assetFlowOf(tx, [], trace);
    for (const holder of treasuries)
      for (const [asset, amount] of net.get(holder) ?? []) {
        const before = nets.get(`${holder}${asset}`)?.amount ?? 0n;
        nets.set(`${holder}${asset}`, { holder, asset, amount: before - amount, how: "sent" });
      }
  }
  // What goes from one treasury to another has not left them.
  const come = new Map<Asset, bigint>();
  for (const { asset, amount } of nets.values()) if (amount < 0n) come.set(asset, (come.get(asset) ?? 0n) - amount);
  return [...nets.values()].flatMap((out) => {
    const kept = come.get(out.asset) ?? 0n;
    const amount = out.amount - (kept < out.amount ? kept : out.amount);
    if (out.amount > 0n) come.set(out.asset, kept > out.amount ? kept - out.amount : 0n);
    return amount > 0n ? [{ ...out, amount }] : [];
  });
}

function approvedBy(logs: ReturnType<typeof logsOf>, treasuries: ReadonlySet<Address>): Outgoing[] {
  return logs.flatMap(({ address, topics, data }): Outgoing[] => {
    const [kind, owner, spender] = topics;
    const amount = wordAt(data, 0);
    if (kind !== approval || owner === undefined || spender === undefined || amount === undefined) return [];
    const holder = addressOfWord(owner);
    const isOut = treasuries.has(holder) && !treasuries.has(addressOfWord(spender)) && amount > 0n;
    return isOut ? [{ holder, asset: address, amount, how: "approved" }] : [];
  });
}

/** Functions that change control or send assets, by what a proposal's calldata says alone. */
const intents: ReadonlyMap<string, string> = bySelector([
  "transfer(address,uint256)",
  "transferFrom(address,address,uint256)",
  "approve(address,uint256)",
  "upgradeTo(address)",
  "upgradeToAndCall(address,bytes)",
  "upgrade(address,address)",
  "upgradeAndCall(address,address,bytes)",
  "diamondCut((address,uint8,bytes4[])[],address,bytes)",
  "grantRole(bytes32,address)",
  "transferOwnership(address)",
  "changeAdmin(address)",
  "changeProxyAdmin(address,address)",
  "setPendingAdmin(address)",
  "updateDelay(uint256)",
  "setDelay(uint256)",
  "updateTimelock(address)",
  "updateQuorumNumerator(uint256)",
  "relay(address,uint256,bytes)",
]);

/** The functions of the list that `calls` name, and `native` where value is sent. */
export function intentsOf(calls: readonly ProposedCall[]): string[] {
  const names = calls.flatMap(({ value, data }) => [
    ...(value > 0n ? [native] : []),
    ...(intents.has(selectorOf(data)) ? [intents.get(selectorOf(data))!] : []),
  ]);
  return [...new Set(names)];
}
