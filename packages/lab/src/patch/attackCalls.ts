// What whoever attacks did himself: the calls that his accounts and contracts made into what is not his.
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { type Visit, walk } from "@testudo/core/model/CallTree";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule } from "../record/Capsule.ts";
import type { PlacedTx } from "./TxRun.ts";

/** A call of his that could write, and lasted. */
export interface AttackCall {
  readonly caller: Address;
  readonly to: Address;
  /** In wei. */
  readonly value: bigint;
  readonly input: Hex;
  /** Unix seconds of its block. */
  readonly timestamp: bigint;
  /** What he called while it was open, because somebody called him back. */
  readonly inner: readonly AttackCall[];
}

/** All that the attack's transactions did. */
export interface AttackRecord {
  readonly calls: readonly AttackCall[];
  /** Who sent them, the contracts that they made, and those that they were sent to and nobody else used. */
  readonly party: readonly Address[];
  /** Contracts that the attack called, and nobody else, the victims apart: they may be his. */
  readonly unshared: readonly Address[];
  /** Calls beyond those that are kept. */
  readonly dropped: number;
}

/** Listens to the attack's transactions in their order. */
export interface AttackListener {
  take(trace: CallFrame, placed: PlacedTx): void;
  record(): AttackRecord;
}

/** More than a plan has moves; a hostile trace has a million. */
const mostCalls = 64;

interface Open {
  readonly call: AttackCall & { readonly inner: AttackCall[] };
  readonly end: number;
}

/** Whoever is among `others`, as the victims and whom benign transactions call, is not the attacker's. */
export function listenToAttack(capsule: Capsule, others: ReadonlySet<Address>): AttackListener {
  const party = new Set<Address>();
  const unshared = new Set<Address>();
  const calls: AttackCall[] = [];
  let [kept, dropped] = [0, 0];

  function join({ frame, parent, context }: Visit): void {
    const isMade = frame.type === "CREATE" || frame.type === "CREATE2";
    if (parent === undefined ? !others.has(context) && isContract(capsule, context, isMade) : isMade && isHis(parent))
      party.add(context);
  }
  const isHis = ({ context }: Visit): boolean => party.has(context);

  return {
    take(trace, { tx }) {
      party.add(tx.from);
      const { timestamp } = blockOf(capsule, tx.blockNumber);
      const open: Open[] = [];
      for (const visit of walk(trace)) {
        join(visit);
        if (!others.has(visit.context)) unshared.add(visit.context);
        const caller = visit.parent?.context ?? tx.from;
        if (!isCallOut(visit, caller, party)) continue;
        if (kept >= mostCalls) {
          dropped += 1;
          continue;
        }
        kept += 1;
        while (open.length > 0 && open.at(-1)!.end < visit.order) open.pop();
        const { to, value, input } = visit.frame;
        const call = { caller, to, value, input, timestamp, inner: [] };
        (open.at(-1)?.call.inner ?? calls).push(call);
        open.push({ call, end: visit.end });
      }
    },
    record: () => ({ calls, party: [...party], unshared: [...unshared], dropped }),
  };
}

const isContract = ({ accounts }: Capsule, address: Address, isMade: boolean): boolean =>
  isMade || (accounts.get(address)?.code ?? "0x") !== "0x";

const isCallOut = ({ frame, context, isStatic, reverted }: Visit, caller: Address, party: Set<Address>): boolean =>
  frame.type === "CALL" && !isStatic && !reverted && party.has(caller) && !party.has(context);
