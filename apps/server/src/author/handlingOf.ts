import { netOfGroup } from "@testudo/core/model/AssetFlow";
import type { Log } from "@testudo/core/model/BlockBundle";
import type { Visit } from "@testudo/core/model/CallTree";
import { type DetectContext, ReadPending } from "@testudo/core/model/Detector";
import type { FindingDraft } from "@testudo/core/model/Finding";
import { type FrameId, frameIdOf } from "@testudo/core/model/FrameId";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { StateRead } from "@testudo/core/model/StateRead";
import type { TxView } from "@testudo/core/model/TxView";
import { proxyOf } from "@testudo/core/signs/proxyOf";
import type { BookedContract, ContractBook } from "./ContractBook.ts";
import type { HandlerFinding } from "./Handling.ts";
import { rememberIn } from "./Remembering.ts";
import { readContracts, Unreadable } from "./readContracts.ts";
import { wordsOfArgs } from "./wordsOfArgs.ts";

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

// Most handlers read nothing, and views for every event are dear. On a prototype: an accessor of its own would make each
// handling an object of its own kind, slow to make and slow to use.
const lazyReads = {
  get read(): unknown {
    return (this as unknown as { openReads(): unknown }).openReads();
  },
};

// A digest of all calls before this one, and few handlers ask for it.
const lazyId = {
  get id(): FrameId {
    const { txHash, visit } = this as unknown as { readonly txHash: Hex; readonly visit: Visit };
    return frameIdOf(txHash, visit);
  },
};

/** What a handler is given at `place`. The types that its author sees stand in `Handling.ts`. */
export function handlingOf(maker: Maker, context: DetectContext<object>, place: Place): object {
  const { book, major } = maker;
  const [firstWatched] = context.watched;
  const addressOf = (contract: BookedContract): Address | undefined => {
    if (place.contract === contract && place.address !== undefined) return place.address;
    if (contract.addresses === "any") return undefined;
    return contract.addresses === undefined ? firstWatched : contract.addresses[0];
  };
  const { window, ewma, cusum, counter, quantile, table } = rememberIn(context.memory, `v${major}/`);
  let reads: ReturnType<typeof readContracts> | undefined;
  const { view } = place;
  return {
    __proto__: lazyReads,
    window,
    ewma,
    cusum,
    counter,
    quantile,
    table,
    chainId: context.chainId,
    block: context.block,
    p: context.params,
    raw: context,
    openReads: () => (reads ??= readContracts(book, context, addressOf)),
    together,
    implementation(name: string, of?: Address) {
      const address = of ?? addressOf(book.get(name)!);
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
    // A block has none of these, an event no call. They stand there all the same: objects of one shape are quick to make.
    tx: view?.tx,
    view,
    flow: view && flowOf(book, context, view),
    event: eventOf(place),
    frame: frameOf(book, place),
  };
}

function flowOf(book: ContractBook, { watched }: DetectContext<object>, view: TxView) {
  return {
    net(name: string) {
      const { addresses } = book.get(name)!;
      const all = view.flow();
      return netOfGroup(all, addresses === "any" ? [...all.net.keys()] : (addresses ?? [...watched]));
    },
  };
}

function eventOf({ log, event }: Place): object | undefined {
  if (log === undefined || event === undefined) return undefined;
  return { ...event, address: log.address, logIndex: log.index, topics: log.topics, data: log.data };
}

function frameOf(book: ContractBook, { view, visit, frame, contract }: Place): object | undefined {
  if (view === undefined || visit === undefined || frame === undefined) return undefined;
  return {
    __proto__: lazyId,
    ...frame,
    txHash: view.tx.hash,
    address: visit.context,
    from: visit.frame.from,
    value: visit.frame.value,
    visit,
    reenters: (name?: string) => frame.reenters(name === undefined ? contract! : book.get(name)!),
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
  const said = wordsOfArgs(event?.args ?? frame?.args);
  return {
    severity: finding.severity,
    reason: finding.reason ?? `${id}${where}${where === "" || said === "" ? "" : `: ${said}`}.`,
    subject: toLower(subject),
    ...(finding.addresses === undefined ? {} : { addresses: finding.addresses.map(toLower) }),
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
