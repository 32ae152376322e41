import { madeIn } from "@testudo/core/model/ActorCluster";
import { assetFlowOf } from "@testudo/core/model/AssetFlow";
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { TxView } from "@testudo/core/model/TxView";
import { touchedBy } from "@testudo/core/signs/touchedBy";

/** A transaction together with one contract that is taken as the protected one: what false alarms are counted in. */
export interface Unit {
  readonly tx: Hex;
  readonly subject: Address;
  /** Whether the transaction calls `subject` itself; else it reaches it through other contracts. */
  readonly isDirect: boolean;
  /** Whether `subject` ends the transaction with less of some asset. */
  readonly hasOutflow: boolean;
}

/**
 * Every pair of a transaction of `bundle` and a contract that could have been the protected one: it was called (in a
 * frame that lasted), emitted a log or moved assets, and was not created by the transaction itself. The contract that is
 * called first is among them even where it belongs to the caller, because from outside the two cannot be told apart.
 */
export function unitsOf(bundle: BlockBundle, isContract: (address: Address) => boolean): Unit[] {
  return viewsOf(bundle).flatMap((view) => {
    const made = new Set(madeIn(view));
    const parties = new Set(partiesOf(view).filter((a) => a !== view.tx.from && !made.has(a) && isContract(a)));
    return [...touchedBy(view, parties)].map((subject) => ({
      tx: view.tx.hash,
      subject,
      isDirect: view.tx.to === subject,
      hasOutflow: [...(view.flow().net.get(subject)?.values() ?? [])].some((amount) => amount < 0n),
    }));
  });
}

function viewsOf({ txs, logs, traces }: BlockBundle): TxView[] {
  return txs.map((tx, i) => {
    const own = logs.filter((log) => log.txIndex === i);
    const trace = traces?.[i];
    const flow = assetFlowOf(tx, own, trace);
    return { tx, logs: own, trace, flow: () => flow };
  });
}

function partiesOf({ tx, logs, trace, flow }: TxView): Address[] {
  return [
    ...(tx.to === null ? [] : [tx.to]),
    ...(trace === undefined ? [] : walk(trace).map((visit) => visit.context)),
    ...logs.map((log) => log.address),
    ...flow().net.keys(),
  ];
}
