import { netOfGroup } from "@testudo/core/model/AssetFlow";
import type { Log } from "@testudo/core/model/BlockBundle";
import type { Visit } from "@testudo/core/model/CallTree";
import { type DetectContext, ReadPending } from "@testudo/core/model/Detector";
import type { FindingDraft } from "@testudo/core/model/Finding";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { proxyOf } from "@testudo/core/model/proxyOf";
import type { StateRead } from "@testudo/core/model/StateRead";
import type { TxView } from "@testudo/core/model/TxView";
import type { BookedContract, ContractBook } from "./ContractBook.ts";
import type { HandlerFinding } from "./Handling.ts";
import { rememberIn } from "./Remembering.ts";
import { readContracts, Unreadable } from "./readContracts.ts";

/** Where a handler is called: nothing for a block, else a transaction and perhaps its event or call. */
export interface Place {
  readonly view?: TxView;
  readonly log?: Log;
  readonly event?: { readonly name: string; readonly args: unknown };
  readonly visit?: Visit;
  readonly contract?: BookedContract;
  readonly address?: Address;
  readonly frame?: {
    readonly name: string | undefined;
    readonly selector: Hex;
    readonly args: unknown;
    readonly implementation: Address | undefined;
    readonly reenters: (contract: BookedContract) => boolean;
  };
}

interface Maker {
  readonly id: string;
  readonly major: string;
  readonly book: ContractBook;
}

/** What a handler is given at `place`. The types that its author sees stand in `Handling.ts`. */
export function handlingOf(maker: Maker, context: DetectContext<object>, place: Place): object {
  const { book, major } = maker;
  const [firstWatched] = context.watched;
  const addressOf = (contract: BookedContract): Address | undefined => {
    if (place.contract === contract && place.address !== undefined) return place.address;
    if (contract.addresses === "any") return undefined;
    return contract.addresses === undefined ? firstWatched : contract.addresses[0];
  };
  const bookedAs = (name: string) => book.get(name)!;
  const common = {
    ...rememberIn(context.memory, `v${major}/`),
    chainId: context.chainId,
    block: context.block,
    p: context.params,
    raw: context,
    read: readContracts(book, context, addressOf),
    together,
    implementation(name: string, of?: Address) {
      const address = of ?? addressOf(bookedAs(name));
      if (address === undefined) throw new Unreadable(`${name} implementation`, "no address is known for it; name one");
      if (!context.block.has.includes("S"))
        throw new Unreadable(`${name} implementation`, "state of the block is not here");
      return proxyOf(context.readAll, address, "block")?.implementation;
    },
    finding: (finding: HandlerFinding) => context.finding(draftOf(maker, place, finding, firstWatched)),
    invariant(name: string, holds: boolean, evidence: FindingDraft["evidence"] = {}) {
      if (holds) return;
      const reason = `Invariant ${name} does not hold.`;
      const key = [name];
      context.finding(
        draftOf(maker, place, { severity: "critical", class: "invariant", reason, key, evidence }, firstWatched),
      );
    },
  };
  if (place.view === undefined) return common;
  return { ...common, ...ofTransaction(book, context, place, place.view) };
}

function ofTransaction(book: ContractBook, context: DetectContext<object>, place: Place, view: TxView): object {
  const { log, event, visit, frame, contract } = place;
  const flow = {
    net(name: string) {
      const { addresses } = book.get(name)!;
      const all = view.flow();
      const group = addresses === "any" ? [...all.net.keys()] : (addresses ?? [...context.watched]);
      return netOfGroup(all, group);
    },
  };
  return {
    tx: view.tx,
    view,
    flow,
    ...(log && event
      ? { event: { ...event, address: log.address, logIndex: log.index, topics: log.topics, data: log.data } }
      : {}),
    ...(visit && frame
      ? {
          frame: {
            ...frame,
            address: visit.context,
            from: visit.frame.from,
            value: visit.frame.value,
            visit,
            reenters: (name?: string) => frame.reenters(name === undefined ? contract! : book.get(name)!),
          },
        }
      : {}),
  };
}

function draftOf(
  { id }: Maker,
  { view, log, event, frame, contract, address }: Place,
  finding: HandlerFinding,
  firstWatched: Address | undefined,
): FindingDraft {
  const subject = finding.subject ?? address ?? firstWatched ?? "0x0000000000000000000000000000000000000000";
  const what = event?.name ?? frame?.name ?? (frame === undefined ? undefined : frame.selector);
  const where = contract === undefined || what === undefined ? "" : ` at ${contract.name} ${what}`;
  return {
    severity: finding.severity,
    reason: finding.reason ?? `${id}${where}.`,
    subject,
    ...(finding.addresses === undefined ? {} : { addresses: finding.addresses }),
    ...(view === undefined ? {} : { txHash: view.tx.hash }),
    ...(log === undefined ? {} : { logIndex: log.index }),
    key: finding.key ?? (view === undefined ? [] : [view.tx.hash]),
    score: finding.score ?? 1,
    ...(finding.class === undefined ? {} : { class: finding.class }),
    evidence: finding.evidence ?? {},
  };
}

function together(...reads: (() => unknown)[]): unknown[] {
  const pending: StateRead[] = [];
  const results = reads.map((read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ReadPending)) throw error;
      pending.push(...error.reads);
      return undefined;
    }
  });
  if (pending.length > 0) throw new ReadPending(pending);
  return results;
}
