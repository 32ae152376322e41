// The composition root of a running watch: stream, pipeline, store, delivery, HTTP interface, simulation and sending.

import { openFork } from "@testudo/chain/forkAt";
import { readAhead } from "@testudo/chain/readAhead";
import { openStateReader } from "@testudo/chain/readState";
import { type RemoteNodes, remoteReads } from "@testudo/chain/remoteReads";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpcEndpoint";
import { simulateReads } from "@testudo/chain/simulateReads";
import { watchBlocks } from "@testudo/chain/watchBlocks";
import {
  detectSuspiciousDeploy,
  fundingRules,
  type SuspiciousDeployParams,
} from "@testudo/core/detectors/detectSuspiciousDeploy";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Input } from "@testudo/core/model/Input";
import { openDraft } from "@testudo/core/model/Memory";
import type { Command } from "@testudo/core/model/Output";
import { readCase } from "@testudo/core/pipeline/Case";
import { openBus } from "../api/Bus.ts";
import { serveApi } from "../api/serveApi.ts";
import { answerReads } from "../jobs/answerReads.ts";
import { openDeriver } from "../jobs/deriver.ts";
import { type Drive, drive } from "../jobs/drive.ts";
import { openMailbox } from "../jobs/mailbox.ts";
import { openSender } from "../jobs/sender.ts";
import { openSimulator } from "../jobs/simulate.ts";
import { openStepper } from "../jobs/stepper.ts";
import { watchDeployment } from "../jobs/watchDeployment.ts";
import { type Observer, openObserver } from "../observe/openObserver.ts";
import { startSelfWatch } from "../observe/startSelfWatch.ts";
import { newToken, removeServerFile, writeServerFile } from "../operator/serverFile.ts";
import { readSwitch, watchSwitch } from "../operator/switch.ts";
import { toTypedMessage } from "../operator/toTypedMessage.ts";
import { openPreblock, type Preblock } from "../preblock/openPreblock.ts";
import { openReportDesk, type TakeReport } from "../report/openReportDesk.ts";
import { takeKept } from "../report/takeKept.ts";
import { applyCommits } from "../store/applyCommits.ts";
import { keepChain } from "../store/keepChain.ts";
import { readLiveFrom } from "../store/liveFrom.ts";
import { loadState, recentRefs } from "../store/loadState.ts";
import { openStore } from "../store/openStore.ts";
import type { FeedEntry } from "../store/readFeed.ts";
import type { Store } from "../store/Store.ts";
import { admitEdits } from "./admitEdits.ts";
import { firstCursor } from "./firstCursor.ts";
import { frameLogsOf } from "./frameLogsOf.ts";
import { openHealth } from "./health.ts";
import { isOrphaned } from "./isOrphaned.ts";
import { openLoopDelay } from "./loopDelay.ts";
import { noteLive } from "./noteLive.ts";
import { type Delivery, openDelivery } from "./openDelivery.ts";
import { openNode } from "./openNode.ts";
import type { Reload, Reloaded } from "./reloadRules.ts";
import { scopesOf } from "./scopesOf.ts";
import { thawing, wasFrozen } from "./thaw.ts";
import type { PreblockSettings, Watch, WatchOptions } from "./Watch.ts";

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
    const mailbox = openMailbox();
    const detectors = program.detectors.map((use) => use.meta.id);
    const observer = await openObserver({
      store,
      program,
      settings: options.observe ?? {},
      environment: process.env,
      tell: (trouble) => mailbox.push(trouble),
    });
    closers.push(() => observer.close());
    const endpoints = await Promise.all(options.rpc.map((url) => openNode(url, observer.onRpc)));
    closers.push(() => {
      for (const endpoint of endpoints) endpoint.close();
    });
    const remotes = new Map(
      (options.remotes ?? []).map(({ chainId, rpc }) => [chainId, rpc.map((url) => openEndpoint(url))]),
    );
    closers.push(() => {
      for (const remote of [...remotes.values()].flat()) remote.close();
    });
    const loop = openLoopDelay();
    closers.push(() => loop.close());
    const bus = openBus<readonly FeedEntry[]>();
    const health = openHealth({
      dataDir,
      chainId: program.chainId,
      quorum: options.quorum,
      endpoints: endpoints.map((endpoint) => endpoint.label),
      detectors,
      head: (await loadState(store)).cursor ?? undefined,
      loop,
    });
    const tell = (input: Input) => {
      observer.onInput(input);
      mailbox.push(input);
    };
    const preblock =
      options.preblock &&
      (await openPool(options, options.preblock, { endpoints, mailbox, tell, signal: stop.signal }));
    closers.push(() => preblock?.close());
    const deliver = (input: Input) => mailbox.deliver(input);
    const takeReport = openReportDesk({ store, chainId: program.chainId, watched: program.watched, deliver });
    const token = newToken();
    // The interface is open before anything is told: whoever asks too early is told to come again.
    const hands: { delivery?: Delivery } = {};
    const reloading = {
      reload: async (_: string): Promise<Reloaded> => ({ state: "refused", reason: "The watch begins." }),
    };
    const api = await serveApi({
      ...options.api,
      store,
      bus,
      token,
      toTypedMessage,
      status: () => health.status(store),
      slackSecrets: options.slackSecrets ?? [],
      testChannel: async (name) => {
        if (hands.delivery === undefined) throw new Error("Delivery has not begun.");
        return hands.delivery.test(name);
      },
      onRequeued: () => hands.delivery?.wake(),
      metrics: observer.expose,
      // Whoever is told "accepted" may go: by then it is stored.
      submit: async (input) =>
        (await mailbox.deliver(input))
          ? { accepted: true }
          : { accepted: false, reason: "The watch ends.\n- Nothing was taken.\n- Bring it again when it runs." },
      takeReport,
      ...(options.nameOf ? { nameOf: options.nameOf } : {}),
      ...(options.settings ? { reload: (actor) => reloading.reload(actor) } : {}),
      ...(preblock && options.preblock?.endpoint !== false ? { judgePending: preblock.submit } : {}),
      ...(options.preblock?.relayToken === undefined ? {} : { relayToken: options.preblock.relayToken }),
    });
    closers.push(() => api.close());
    writeServerFile(dataDir, { host: options.api.host, port: api.port, pid: process.pid, token });
    closers.push(() => removeServerFile(dataDir));
    const delivery = await openDelivery({
      store,
      chainId: program.chainId,
      channels: options.channels.map(observer.channel),
      escalations: options.escalations ?? [],
      outbox: options.outbox,
      tests: options.channelTests,
      signal: stop.signal,
      publish: bus.publish,
      onDead: observer.onDeadLetter,
      onTrouble: (channel, message) =>
        tell({ kind: "trouble", trouble: "dead-letter", endpoint: `channel ${channel}`, message }),
    });
    hands.delivery = delivery;
    const running = await start(
      { ...options, signal: stop.signal },
      {
        store,
        endpoints,
        remotes,
        mailbox,
        bus,
        health,
        observer,
        tell,
        wakeOutbox: delivery.wake,
        takeReport,
        ...(preblock ? { preblock } : {}),
      },
    );
    closers.push(() => running.close());
    reloading.reload = running.reload ?? reloading.reload;
    const ended = running.drive.done.then(() => {
      // The stream ends by itself only after a reorg deeper than what was final: a person has to look (STREAM-03).
      if (!stop.signal.aborted) throw new StreamEnded(dataDir);
    });
    const done = Promise.race([ended, delivery.done.then(() => ended)]).finally(close);
    const pendingWaiting = () => preblock?.waiting ?? 0;
    return {
      url: api.url,
      token,
      store,
      resumedFrom: running.resumedFrom,
      tell,
      reload: running.reload,
      pendingWaiting,
      done,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openPool(
  { program, pollMs }: WatchOptions,
  { followPool, probes = true, probeMs, recipients = [], hardfork, onVerdict, onProbed }: PreblockSettings,
  parts: Pick<Parts, "endpoints" | "mailbox" | "tell"> & { readonly signal: AbortSignal },
): Promise<Preblock> {
  // A quarter of what a start without it would load.
  const { openEvm } = await import("@testudo/lab/openEvm");
  const { openSeal } = await import("../preblock/sealCall.ts");
  const seal = openSeal(recipients);
  const suspicious = program.detectors.find(({ meta }) => meta.id === detectSuspiciousDeploy.meta.id);
  return openPreblock({
    endpoints: parts.endpoints,
    openEvm,
    chainId: program.chainId,
    watched: program.watched,
    followPool,
    probes,
    ...(probeMs === undefined ? {} : { probeMs }),
    funding: fundingRules((suspicious?.settings as SuspiciousDeployParams) ?? detectSuspiciousDeploy.defaults),
    ...(seal ? { seal } : {}),
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
  readonly remotes: RemoteNodes;
  readonly mailbox: ReturnType<typeof openMailbox>;
  readonly bus: ReturnType<typeof openBus<readonly FeedEntry[]>>;
  readonly health: ReturnType<typeof openHealth>;
  readonly observer: Observer;
  readonly tell: (input: Input) => void;
  readonly wakeOutbox: () => void;
  readonly takeReport: TakeReport;
  readonly preblock?: Preblock;
}

interface Running {
  readonly drive: Drive;
  readonly resumedFrom: BlockRef | undefined;
  readonly reload: Reload | undefined;
  close(): Promise<void>;
}

async function start(options: WatchOptions, parts: Parts): Promise<Running> {
  const { store, endpoints, remotes, mailbox, bus, health, observer, tell, preblock } = parts;
  const { signal, program } = options;
  const stored = await loadState(store);
  await keepChain(store, options.dataDir, program.chainId);
  let running: Drive | undefined;
  let warmed = false;
  const stepper = await openStepper({
    source: options.source,
    limitMs: options.detectorLimitMs,
    onStepped: (stepped) => {
      health.onStepped(stepped);
      observer.onStepped(stepped);
    },
    reload: async () => {
      await running?.flush();
      const { cells, undo } = await loadState(store);
      return { cells: [...cells], undo };
    },
  });
  let firstLive: () => bigint | undefined = () => undefined;
  const edits = admitEdits({
    settings: options.settings,
    chainId: program.chainId,
    stepper,
    isLive: () => isPast(firstLive(), health.head()?.number),
    tell,
    deliver: (input) => mailbox.deliver(input),
    onDetectors: (detectors) => {
      health.setDetectors(detectors);
      observer.setDetectors(detectors);
    },
    onReloaded: options.onReloaded,
    signal,
  });
  const simulator = openSimulator({
    endpoints,
    policy: program.policy,
    head: () => health.head(),
    tell,
    ...(preblock ? { pendingOf: preblock.pendingOf } : {}),
  });
  const deriver = openDeriver({
    urls: options.rpc,
    policy: program.policy,
    watched: program.watched,
    dataDir: options.dataDir,
    tell,
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
      ...(preblock ? { bids: preblock.bids } : {}),
      signal,
    });
  const run = (command: Command) => {
    observer.onCommand(command);
    if (command.kind === "simulate") simulator.add(command);
    else if (command.kind === "derive") deriver.add(command.request);
    else if (command.kind === "send") sender?.add(command);
  };
  edits.begin(readCase(openDraft(stored.cells), "rules", ""));
  const first = stored.cursor ?? (await firstCursor(endpoints, options.fromBlock));
  const refs = [...(await recentRefs(store))].reverse();
  const liveFrom = await readLiveFrom(store);
  const thaw = (await wasFrozen(store, options.dataDir)) ? thawing(tell) : () => undefined;
  const scopes = scopesOf(program);
  const stream = watchBlocks({
    endpoints,
    quorum: options.quorum,
    scopes,
    frameLogs: frameLogsOf(program),
    from: first,
    refs,
    // What was missed while we were away is news, not history: it has to be told.
    ...(liveFrom === undefined ? {} : { liveFrom }),
    signal,
    ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
  });
  firstLive = stream.liveFrom;
  health.setStream({ queued: stream.queued, head: stream.head });
  const heads = { chain: stream.head, stored: () => health.head()?.number, queued: stream.queued };
  const observed = observer.stream(scopes, stream, heads);
  const reader = readAhead(openStateReader(endpoints), stream.coming);
  // One of its own: a trial of an action must not wait for what a detector tries, nor the other way round.
  const trials = openFork(endpoints);
  const self = startSelfWatch({ options, store, health, tell, onHeartbeat: observer.onHeartbeat });
  const answer = answerReads({
    reader: remoteReads(simulateReads(reader, trials), remotes),
    tell,
    signal,
    head: () => stream.head(),
    isOrphaned: (ref) => isOrphaned(endpoints, ref),
  });
  running = drive({
    stepper,
    mailbox,
    stream: observing(preblock, liveFrom === undefined ? noteLive(store, observed) : observed),
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
      observer.onStored(commit, times);
      self.onStored(commit);
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
  const keeping = takeKept({ dataDir: options.dataDir, take: parts.takeReport, tell, isReady, signal });
  return {
    drive: running,
    resumedFrom: stored.cursor ?? undefined,
    reload: edits.reload,
    close: async () => {
      await comparing;
      await keeping;
      await self.done;
      await sender?.close();
      await stepper.close();
      await simulator.close();
      await deriver.close();
      await trials.stop();
    },
  };
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

/** Whether all blocks before `firstLive` are stored. */
function isPast(firstLive: bigint | undefined, stored: bigint | undefined): boolean {
  return firstLive !== undefined && stored !== undefined && stored + 1n >= firstLive;
}
