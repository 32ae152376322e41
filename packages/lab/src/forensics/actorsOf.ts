import { publicInfrastructure } from "@testudo/core/model/ActorCluster";
import { netOfGroup } from "@testudo/core/model/AssetFlow";
import { createdIn } from "@testudo/core/model/CallTree";
import { createdAddress } from "@testudo/core/model/createdAddress";
import type { Address } from "@testudo/core/model/Hex";
import { isSwapLog } from "@testudo/core/signs/SpotPrice";
import type { Study } from "./Study.ts";

/**
 * Who acts: the sender, what it created here and before, accounts that signed a delegation for it, and the contract it called
 * where that is the sender's own: one that it created, or that calls others, takes part in what moves, moves no token of its own making, and loses nothing.
 */
export function actorsOf(study: Study): Set<Address> {
  const { tx, trace } = study.view;
  const { before = [], protect = [] } = study.examined;
  const shielded = new Set(protect);
  const actors = new Set<Address>([tx.from]);
  for (const { created } of before) for (const contract of created) actors.add(contract);
  for (const contract of createdIn(trace!)) if (isMadeBy(study, contract, actors)) actors.add(contract);
  for (const { authority } of tx.delegations ?? []) actors.add(authority);
  if (tx.to !== null && worksForSender(study, tx.to)) actors.add(tx.to);
  // What the called contract made belongs with it.
  for (const contract of createdIn(trace!)) if (isMadeBy(study, contract, actors)) actors.add(contract);
  for (const address of shielded) actors.delete(address);
  return actors;
}

function isMadeBy({ visits }: Study, contract: Address, actors: ReadonlySet<Address>): boolean {
  return visits.some(
    ({ frame, reverted }) =>
      !reverted && frame.to === contract && frame.type.startsWith("CREATE") && actors.has(frame.from),
  );
}

// Whoever sends more has other means of being told apart.
const mostNonces = 5_000;

/** Whether the sender created `contract` by a transaction of its own before. */
function isDeployedBySender({ view }: Study, contract: Address): boolean {
  const { from, nonce } = view.tx;
  for (let n = Math.max(0, nonce - mostNonces); n < nonce; n += 1)
    if (createdAddress(from, n) === contract) return true;
  return false;
}

function worksForSender(study: Study, to: Address): boolean {
  const { view, visits, examined } = study;
  if (publicInfrastructure.has(to) || examined.protect?.includes(to)) return false;
  if (isDeployedBySender(study, to)) return true;
  const emits = view.logs.some((log) => log.address === to);
  const acts = visits.some(({ context, frame }) => context === to && frame.calls.length > 0);
  const swaps = view.logs.some((log) => log.address === to && isSwapLog(log));
  if (!acts || swaps) return false;
  const net = netOfGroup(view.flow(), [to]);
  const loses = [...net.values()].some((amount) => amount < 0n);
  // Whoever calls a keeper's contract owns none of it; what moves value for its caller is likelier his own.
  const takesPart = study.transfers.some(({ from, to: into }) => from === to || into === to);
  return takesPart && !loses && !(emits && isTokenOf(study, to));
}

function isTokenOf({ transfers }: Study, address: Address): boolean {
  return transfers.some(({ asset }) => asset.split(":")[0] === address);
}
