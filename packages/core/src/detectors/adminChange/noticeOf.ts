// Whether a change was announced: in the protocol's calendar, or on chain by a timelock that let it wait.
import { type AnnouncedChange, announcedOf } from "../../model/AnnouncedChange.ts";
import type { Address } from "../../model/Hex.ts";
import type { Memory } from "../../model/Memory.ts";
import { addToRing, ringOf } from "../../model/Ring.ts";
import { eventTopic } from "../../model/signatureHash.ts";
import type { TxView } from "../../model/TxView.ts";

const scheduled = eventTopic("CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)");
const executed = eventTopic("CallExecuted(bytes32,uint256,address,uint256,bytes)");
const maxScheduled = 256;

/** How a change was announced. `calendar` lowers by two steps, a timelock's `schedule` by one: who holds it can schedule harm. */
export type Notice =
  | { readonly by: "calendar"; readonly entry: AnnouncedChange; readonly steps: 2 }
  | { readonly by: "schedule"; readonly operation: string; readonly waitedSeconds: number; readonly steps: 1 };

/** Notes the operations that timelocks of `governors` schedule. */
export function rememberSchedules(
  memory: Memory,
  txs: readonly TxView[],
  governors: ReadonlySet<Address>,
  now: number,
): void {
  for (const { logs } of txs)
    for (const { address, topics } of logs)
      if (topics[0] === scheduled && topics[1] !== undefined && governors.has(address))
        addToRing(memory, "scheduled", [address, topics[1], now], maxScheduled);
}

/** A change of one address, and where its notice is looked for. */
export interface NoticeQuery {
  readonly address: Address;
  /** Hexadecimal text that holds the new values. */
  readonly text: string;
  readonly now: number;
  readonly governors: ReadonlySet<Address>;
  readonly noticeSeconds: number;
  readonly calendar: readonly AnnouncedChange[];
}

/** The notice that was given of a change in `view`, if any. */
export function noticeOf(memory: Memory, view: TxView | undefined, query: NoticeQuery): Notice | undefined {
  const entry = announcedOf(query.calendar, query);
  if (entry !== undefined) return { by: "calendar", entry, steps: 2 };
  const ring = ringOf<readonly [string, string, number]>(memory, "scheduled");
  for (const { address, topics, data } of view?.logs ?? []) {
    if (topics[0] !== executed || !query.governors.has(address) || !data.includes(query.address.slice(2))) continue;
    const first = ring.find(([by, id]) => by === address && id === topics[1]);
    const waitedSeconds = first === undefined ? 0 : query.now - Number(first[2]);
    if (first !== undefined && waitedSeconds >= query.noticeSeconds)
      return { by: "schedule", operation: first[1], waitedSeconds, steps: 1 };
  }
  return undefined;
}
