// The composition root of a running watch: stream, pipeline, store, delivery, HTTP interface, simulation and sending.

import { fetchBlock } from "@testudo/chain/fetchBundle";
import { readAhead } from "@testudo/chain/readAhead";
import { openStateReader } from "@testudo/chain/readState";
import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import { watchBlocks } from "@testudo/chain/watchBlocks";
import type { BlockRef, Scope } from "@testudo/core/model/BlockBundle";
import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Command, Commit } from "@testudo/core/model/Output";
import type { Program } from "@testudo/core/model/Program";
import type { Signer } from "@testudo/core/model/Signer";
import { openEthereumjs } from "@testudo/lab/openEthereumjs";
import { openBus } from "../api/Bus.ts";
import { serveApi } from "../api/serveApi.ts";
import type { Channel } from "../deliver/Channel.ts";
import { startOutboxWorker } from "../deliver/outboxWorker.ts";
import { answerReads } from "../jobs/answerReads.ts";
import { type Drive, drive } from "../jobs/drive.ts";
import { openMailbox } from "../jobs/mailbox.ts";
import type { ProgramSource } from "../jobs/programSource.ts";
import { openSender } from "../jobs/sender.ts";
import { openSimulator } from "../jobs/simulate.ts";
import { openStepper } from "../jobs/stepper.ts";
import { type DeploymentWatch, watchDeployment } from "../jobs/watchDeployment.ts";
import { readStatus } from "../operator/readStatus.ts";
import { newToken, removeServerFile, writeServerFile } from "../operator/serverFile.ts";
import { readSwitch, watchSwitch } from "../operator/switch.ts";
import { toTypedMessage } from "../operator/toTypedMessage.ts";
import { openPreblock, type Preblock } from "../preblock/openPreblock.ts";
import type { PendingVerdict } from "../preblock/PendingVerdict.ts";
import type { Probed } from "../preblock/probeCreations.ts";
import { applyCommits } from "../store/applyCommits.ts";
import { keepChain } from "../store/keepChain.ts";
import { keepLiveFrom, readLiveFrom } from "../store/liveFrom.ts";
import { loadState, recentRefs } from "../store/loadState.ts";
import { openStore } from "../store/openStore.ts";
import type { FeedEntry } from "../store/readFeed.ts";
import type { Store } from "../store/Store.ts";
import { openHealth } from "./health.ts";
import { openNode } from "./openNode.ts";

/** What a watch is made of. */
export interface WatchOptions {
  readonly source: ProgramSource;
  /** The same program, for what the main thread has to know of it. */
  readonly program: Program;
  readonly rpc: readonly string[];
  readonly quorum: number;
  readonly dataDir: string;
  readonly api: { readonly host: string; readonly port: number };
  readonly channels: readonly Channel[];
  /** First block at the first start; later starts go on from the cursor. Blocks before the head are history. */
  readonly fromBlock?: bigint;
  readonly pollMs?: number;
  readonly detectorLimitMs: number;
  /** How long a notice is tried, and how long to wait between (milliseconds). Defaults: a day, 1 s to 1 h. */
  readonly outbox?: { readonly maxAgeMs?: number; readonly baseDelayMs?: number; readonly maxDelayMs?: number };
  /** Pays for sending an agreed pause. Without one, proposals wait for someone else to send them. */
  readonly sender?: Signer;
  /** Compares the deployment with its file every so often. */
  readonly deployment?: Pick<DeploymentWatch, "check" | "everyMs">;
  /** Told of each stored commit. */
  readonly onStored?: (commit: Commit, times: { readonly receivedAtMs?: number; readonly storedAtMs: number }) => void;
  readonly nameOf?: (target: Hex, selector: Hex) => string | undefined;
  /** Judges what waits in the pool. Without it only blocks are judged. */
  readonly preblock?: PreblockSettings;
  readonly signal: AbortSignal;
}

/** How what waits in the pool is judged. */
export interface PreblockSettings {
  /** Whether the nodes' pools are followed; otherwise only what is handed in over HTTP. */
  readonly followPool: boolean;
  /** Rules of the chain by name, for the engine. Default: mainnet's at that time. */
  readonly hardfork?: string;
  readonly onVerdict?: (verdict: PendingVerdict) => void;
  /** Told of each probe of a new contract. */
  readonly onProbed?: (probed: Probed) => void;
}

/** A running watch. */
export interface Watch {
  readonly url: string;
  readonly token: string;
  readonly store: Store;
  /** The block that an earlier run in this folder ended with; undefined at the first start. */
  readonly resumedFrom: BlockRef | undefined;
  /** Gives an input to the pipeline, before the next block. */
  tell(input: Input): void;
  /** Pending transactions that are not judged yet. */
  pendingWaiting(): number;
  /** Resolves when the watch has ended and everything is closed. */
  readonly done: Promise<void>;
}

/** Opens everything and starts watching. Rejects with the first part that does not open, closing the rest. */
export async function openWatch(options: WatchOptions): Promise<Watch> {
  const { dataDir, program } = options;
  const stop = new AbortController();
  options.signal.addEventListener("abort", () => stop.abort(), { once: true });
  // An order to stop may have come while the start was prepared.
  if (options.signal.aborted) stop.abort();
  const closers: (() => unknown)[] = [];
  const close = async () => {
    stop.abort();
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const store = await openStore(dataDir);
    closers.push(() => store.close());
    const endpoints = await Promise.all(options.rpc.map(openNode));
    closers.push(() => {
      for (const endpoint of endpoints) endpoint.close();
    });
    const mailbox = openMailbox();
    const bus = openBus<readonly FeedEntry[]>();
    const health = openHealth({
      dataDir,
      chainId: program.chainId,
      quorum: options.quorum,
      endpoints: endpoints.map((endpoint) => endpoint.label),
      detectors: program.detectors.map((use) => use.meta.id),
      head: (await loadState(store)).cursor ?? undefined,
    });
    const tell = (input: Input) => mailbox.push(input);
    const preblock =
      options.preblock && openPool(options, options.preblock, { endpoints, mailbox, tell, signal: stop.signal });
    closers.push(() => preblock?.close());
    const token = newToken();
    const api = await serveApi({
      ...options.api,
      store,
      bus,
      token,
      toTypedMessage,
      status: () => health.status(store),
      // Whoever is told "accepted" may go: by then it is stored.
      submit: async (input) =>
        (await mailbox.deliver(input))
          ? { accepted: true }
          : { accepted: false, reason: "The watch ends.\n- Nothing was taken.\n- Bring it again when it runs." },
      ...(options.nameOf ? { nameOf: options.nameOf } : {}),
      ...(preblock ? { judgePending: preblock.submit } : {}),
    });
    closers.push(() => api.close());
    writeServerFile(dataDir, { host: options.api.host, port: api.port, pid: process.pid, token });
    closers.push(() => removeServerFile(dataDir));
    const outbox = startOutboxWorker({
      store,
      channels: options.channels,
      signal: stop.signal,
      ...options.outbox,
      onDead: (row, error) =>
        tell({
          kind: "trouble",
          trouble: "dead-letter",
          endpoint: `channel ${row.channel}`,
          message: `Channel ${row.channel} gave up on a notice: ${error}`,
        }),
    });
    const running = await start(
      { ...options, signal: stop.signal },
      { store, endpoints, mailbox, bus, health, tell, wakeOutbox: outbox.wake, ...(preblock ? { preblock } : {}) },
    );
    closers.push(() => running.close());
    const ended = running.drive.done.then(() => {
      // The stream ends by itself only after a reorg deeper than what was final: a person has to look (STREAM-03).
      if (!stop.signal.aborted) throw new StreamEnded(dataDir);
    });
    const done = Promise.race([ended, outbox.done.then(() => ended)]).finally(close);
    const pendingWaiting = () => preblock?.waiting ?? 0;
    return { url: api.url, token, store, resumedFrom: running.resumedFrom, tell, pendingWaiting, done };
  } catch (error) {
    await close();
    throw error;
  }
}

function openPool(
  { program, pollMs }: WatchOptions,
  { followPool, hardfork, onVerdict, onProbed }: PreblockSettings,
  parts: Pick<Parts, "endpoints" | "mailbox" | "tell"> & { readonly signal: AbortSignal },
): Preblock {
  return openPreblock({
    endpoints: parts.endpoints,
    openEvm: openEthereumjs,
    chainId: program.chainId,
    watched: program.watched,
    followPool,
    ...(hardfork === undefined ? {} : { hardfork }),
    ...(pollMs === undefined ? {} : { pollMs }),
    deliver: (input) => parts.mailbox.deliver(input),
    tell: parts.tell,
    ...(onVerdict ? { onVerdict } : {}),
    ...(onProbed ? { onProbed } : {}),
    signal: parts.signal,
  });
}

interface Parts {
  readonly store: Store;
  readonly endpoints: readonly Endpoint[];
  readonly mailbox: ReturnType<typeof openMailbox>;
  readonly bus: ReturnType<typeof openBus<readonly FeedEntry[]>>;
  readonly health: ReturnType<typeof openHealth>;
  readonly tell: (input: Input) => void;
  readonly wakeOutbox: () => void;
  readonly preblock?: Preblock;
}

interface Running {
  readonly drive: Drive;
  readonly resumedFrom: BlockRef | undefined;
  close(): Promise<void>;
}

async function start(options: WatchOptions, parts: Parts): Promise<Running> {
  const { store, endpoints, mailbox, bus, health, tell, preblock } = parts;
  const { signal, program } = options;
  const stored = await loadState(store);
  await keepChain(store, options.dataDir, program.chainId);
  let running: Drive | undefined;
  let warmed = false;
  const stepper = await openStepper({
    source: options.source,
    limitMs: options.detectorLimitMs,
    reload: async () => {
      await running?.flush();
      const { cells, undo } = await loadState(store);
      return { cells: [...cells], undo };
    },
  });
  const simulator = openSimulator({
    endpoints,
    policy: program.policy,
    head: () => health.head(),
    tell,
    ...(preblock ? { pendingOf: preblock.pendingOf } : {}),
  });
  const { chainId } = program;
  const sender =
    options.sender &&
    openSender({
      store,
      endpoints,
      signer: options.sender,
      chainId,
      readSwitch: () => readSwitch(options.dataDir),
      head: health.head,
      tell,
      signal,
    });
  const run = (command: Command) => {
    if (command.kind === "simulate") simulator.add(command);
    else if (command.kind === "send") sender?.add(command);
  };
  const first = stored.cursor ?? (await firstCursor(endpoints, options.fromBlock));
  const refs = [...(await recentRefs(store))].reverse();
  const liveFrom = await readLiveFrom(store);
  const thaw = (await wasFrozen(store, options.dataDir)) ? thawing(tell) : () => undefined;
  const stream = watchBlocks({
    endpoints,
    quorum: options.quorum,
    scopes: scopesOf(program),
    from: first,
    refs,
    // What was missed while we were away is news, not history: it has to be told.
    ...(liveFrom === undefined ? {} : { liveFrom }),
    signal,
    ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
  });
  const reader = readAhead(openStateReader(endpoints), stream.coming);
  const answer = answerReads({
    reader,
    tell,
    signal,
    head: () => stream.head(),
    isOrphaned: (ref) => isOrphaned(endpoints, ref),
  });
  running = drive({
    stepper,
    mailbox,
    stream: observing(preblock, liveFrom === undefined ? notingLive(store, stream) : stream),
    signal,
    foresee: reader.foresee,
    answer: (ref, reads) => preblock?.answer(ref, reads) ?? answer(ref, reads),
    ...(preblock ? { onForetold: preblock.onForetold } : {}),
    store: async (commits, commands) => {
      const { entries } = await applyCommits(
        store,
        commits,
        commands,
        options.channels.map((channel) => channel.name),
      );
      bus.publish(entries);
      if (commits.some((commit) => commit.notices.length > 0)) parts.wakeOutbox();
    },
    onStored: (commit, times) => {
      thaw(commit);
      health.onStored(commit);
      sender?.onStored(commit);
      if (commit.cursor) preblock?.moveTo(commit.cursor);
      if (program.policy !== null && commit.cursor && !warmed) {
        warmed = true;
        simulator.warm(commit.cursor);
      }
      options.onStored?.(commit, times);
    },
    run,
  });
  watchSwitch(options.dataDir, ({ mode, actor, reason }) => tell({ kind: "mode", mode, actor, reason }), signal);
  for (const command of stored.commands) run(command);
  const isReady = () => health.head() !== undefined;
  const comparing = options.deployment && watchDeployment({ ...options.deployment, tell, isReady, signal });
  return {
    drive: running,
    resumedFrom: stored.cursor ?? undefined,
    close: async () => {
      await comparing;
      await sender?.close();
      await stepper.close();
      await simulator.close();
    },
  };
}

// Without a cursor the stream begins with the block after this one.
async function firstCursor(endpoints: readonly Endpoint[], fromBlock: bigint | undefined): Promise<BlockRef | null> {
  if (fromBlock === undefined) return null;
  let failure: unknown;
  for (const endpoint of endpoints)
    try {
      return (await fetchBlock(endpoint, fromBlock > 0n ? fromBlock - 1n : 0n, false)).ref;
    } catch (error) {
      failure = error;
    }
  throw failure;
}

/** What the detectors of `program` can use of a block; traces are dear, so that they are fetched only where one wants them. */
export function scopesOf(program: Program): readonly Scope[] {
  const wanted = new Set<Scope>(["X", "L"]);
  for (const { meta } of program.detectors)
    for (const scope of [...meta.needs.all, ...(meta.needs.degraded ?? [])]) wanted.add(scope);
  return [...wanted].filter((scope) => scope !== "S" && scope !== "H");
}

// A trouble of the run before that ended while nobody looked would hold actions back for ever. The first block that
// arrives without trouble in this run shows that the nodes are well; with trouble, the stream tells its end itself.
function thawing(tell: (input: Input) => void): (commit: Commit) => void {
  let isOpen = true;
  return ({ records, cursor }) => {
    if (!isOpen) return;
    if (records.some((record) => record.kind === "Remark" && record.topic === "trouble")) isOpen = false;
    else if (cursor) {
      isOpen = false;
      tell({ kind: "trouble", trouble: "recovered", message: "Blocks arrive after a new start.", freeze: false });
    }
  };
}

async function wasFrozen(store: Store, dataDir: string): Promise<boolean> {
  return Object.keys((await readStatus(store, dataDir)).frozen).length > 0;
}

/** Passes `stream` on and keeps where its news begins, before the first of it is judged. */
async function* notingLive(
  store: Store,
  stream: AsyncIterable<ChainEvent | StreamTrouble>,
): AsyncGenerator<ChainEvent | StreamTrouble> {
  let isKept = false;
  for await (const event of stream) {
    if (!isKept && event.kind === "block" && event.phase === "live") {
      await keepLiveFrom(store, event.bundle.ref.number);
      isKept = true;
    }
    yield event;
  }
}

/** Passes `stream` on and lets `preblock` see its blocks first. */
async function* observing(
  preblock: Preblock | undefined,
  stream: AsyncIterable<ChainEvent | StreamTrouble>,
): AsyncGenerator<ChainEvent | StreamTrouble> {
  for await (const event of stream) {
    if (event.kind === "block") preblock?.observe(event.bundle, event.phase === "live");
    yield event;
  }
}

/** Whether a node has another block at the height of `ref` and none has `ref` itself. */
async function isOrphaned(endpoints: readonly Endpoint[], ref: BlockRef): Promise<boolean> {
  const found = await Promise.all(
    endpoints.map((endpoint) =>
      fetchBlock(endpoint, ref.number, false).then(
        (block) => block.ref.hash,
        () => undefined,
      ),
    ),
  );
  return found.some((hash) => hash !== undefined) && !found.includes(ref.hash);
}

/** The chain was reorganised beyond what can be taken back, and judging has stopped on purpose. */
export class StreamEnded extends Error {
  override readonly name = "StreamEnded";
  constructor(dataDir: string) {
    super(
      `The chain was reorganised deeper than what was final; nothing is judged any more.\n` +
        "- What was said and done stands in the data folder; blocks cannot be taken back that far.\n" +
        `- Look at the chain. To begin anew, move "${dataDir}" away and start again.`,
    );
  }
}
