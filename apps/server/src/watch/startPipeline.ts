// From the stream of blocks to what is stored: detectors, reads, simulation and sending around one pipeline.

import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { readAhead } from "@testudo/chain/state/readAhead";
import { readFlag } from "@testudo/chain/state/readFlag";
import { openStateReader } from "@testudo/chain/state/readState";
import type { RemoteNodes } from "@testudo/chain/state/remoteReads";
import { watchBlocks } from "@testudo/chain/stream/watchBlocks";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Input } from "@testudo/core/model/Input";
import { openDraft } from "@testudo/core/model/Memory";
import type { Command } from "@testudo/core/model/Output";
import { readCase } from "@testudo/core/pipeline/Case";
import { openTroubles } from "@testudo/core/pipeline/endTroubles";
import type { openBus } from "../api/Bus.ts";
import { openBranches } from "../branch/openBranches.ts";
import { openDeriver } from "../jobs/derive/deriver.ts";
import { dropEnded } from "../jobs/send/dropEnded.ts";
import { holdOrders } from "../jobs/send/holdOrders.ts";
import { openRelay, type Relay } from "../jobs/send/Relay.ts";
import { openSender } from "../jobs/send/sender.ts";
import { tellLeft } from "../jobs/send/tellLeft.ts";
import { openSimulator } from "../jobs/simulate/simulate.ts";
import { type Drive, drive } from "../jobs/step/drive.ts";
import type { openMailbox } from "../jobs/step/mailbox.ts";
import type { Loss } from "../jobs/step/retrial.ts";
import { openStepper } from "../jobs/step/stepper.ts";
import { watchDeployment } from "../jobs/timed/watchDeployment.ts";
import type { Observer } from "../observe/openObserver.ts";
import { startSelfWatch } from "../observe/startSelfWatch.ts";
import { followModes } from "../operator/followModes.ts";
import { readSwitch, watchSwitch } from "../operator/switch.ts";
import type { Preblock } from "../preblock/openPreblock.ts";
import { openExecutor } from "../reexecute/Executor.ts";
import type { TakeReport } from "../report/openReportDesk.ts";
import { takeKept } from "../report/takeKept.ts";
import { applyCommits } from "../store/applyCommits.ts";
import { keepChain } from "../store/keepChain.ts";
import { readLiveFrom } from "../store/liveFrom.ts";
import { loadState, recentRefs } from "../store/loadState.ts";
import type { FeedEntry } from "../store/readFeed.ts";
import type { Store } from "../store/Store.ts";
import { admitEdits } from "./admitEdits.ts";
import { endingEarlier } from "./endEarlier.ts";
import { firstCursor } from "./firstCursor.ts";
import { frameLogsOf } from "./frameLogsOf.ts";
import type { openHealth } from "./health.ts";
import { noteLive } from "./noteLive.ts";
import { openAnswers } from "./openAnswers.ts";
import { openHeads } from "./openHeads.ts";
import type { Reload } from "./reloadRules.ts";
import { scopesOf } from "./scopesOf.ts";
import { thawing, wasFrozen } from "./thaw.ts";
import type { WatchOptions } from "./Watch.ts";

/** What is open before the pipeline runs. */
export interface Parts {
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

/** A pipeline that runs. */
export interface Running {
  readonly drive: Drive;
  readonly resumedFrom: BlockRef | undefined;
  readonly reload: Reload | undefined;
  close(): Promise<void>;
}

/** Opens what the pipeline needs, and has it take blocks. `options.signal` ends it. */
export async function startPipeline(options: WatchOptions, parts: Parts): Promise<Running> {
  const { store, endpoints, remotes, mailbox, bus, health, observer, tell, preblock } = parts;
  const { signal, program } = options;
  const stored = await loadState(store);
  await keepChain(store, options.dataDir, program.chainId);
  let running: Drive | undefined;
  let warmed = false;
  const stepper = await openStepper({
    source: options.source,
    limitMs: options.detectorLimitMs,
    ...(options.deliverHistory ? { deliverHistory: true } : {}),
    onStepped: (stepped) => {
      health.onStepped(stepped);
      observer.onStepped(stepped);
    },
    onLost: (loss) => {
      observer.onThreadLost(loss);
      // One that overran is told with its detector, on the block.
      if (loss.kind === "died") tell(threadLost(loss));
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
      branches.onRules();
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
  const flag = program.policy?.haltFlag;
  const flagOn =
    flag && (() => readFlag(endpoints, flag, { quorum: options.quorum, least: health.head()?.number ?? 0n }));
  const modes = followModes(tell, flagOn, () => health.head() !== undefined);
  const relay = options.sender && relayOf(options, tell);
  const sender =
    options.sender &&
    openSender({
      store,
      endpoints,
      signer: options.sender,
      chainId,
      readSwitch: () => readSwitch(options.dataDir),
      ...(flagOn ? { readFlag: flagOn } : {}),
      head: health.head,
      tell,
      ...(relay ? { relay } : {}),
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
  const cases = openDraft(stored.cells);
  // Without a sender nobody would ever say what became of it. What is dropped does not show any more whether it had left.
  if (sender) await tellLeft({ store, chainId, cases, tell });
  await dropEnded(store, chainId, cases);
  const first = stored.cursor ?? (await firstCursor(endpoints, options.fromBlock));
  const refs = [...(await recentRefs(store))].reverse();
  const liveFrom = await readLiveFrom(store);
  const thaw = (await wasFrozen(store, options.dataDir)) ? thawing(tell) : () => undefined;
  const endEarlier = endingEarlier(stored.cells, tell);
  const scopes = scopesOf(program);
  const { onRpc } = observer;
  const { onExecuted } = observer.executions;
  const executor = options.reexecute && openExecutor({ ...options.reexecute, chainId, onRpc, onExecuted });
  const branches = openBranches({
    ...{ store, program, refs, remotes, tell, onRpc, source: stepper.source },
    limitMs: options.detectorLimitMs,
    pollMs: options.pollMs,
    openExecutor: () => options.reexecute && openExecutor({ ...options.reexecute, chainId, onRpc }),
    limits: options.branches,
  });
  const stream = watchBlocks({
    endpoints,
    heads: openHeads(options.heads ?? []),
    quorum: options.quorum,
    scopes,
    watched: program.watched,
    unproved: openTroubles(stored.cells).flatMap((one) => (one.trouble === "scope-degraded" ? one.source : [])),
    frameLogs: frameLogsOf(program),
    from: first,
    refs,
    // What was missed while we were away is news, not history: it has to be told.
    ...(liveFrom === undefined ? {} : { liveFrom }),
    ...(executor ? { reexecute: executor.traces } : {}),
    onDisputed: branches.onDisputed,
    signal,
    ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
  });
  firstLive = stream.liveFrom;
  health.setStream({ queued: stream.queued, head: stream.head, branches: branches.views });
  const judged = () => branches.views().length;
  const { head: chain, queued, blockTimeMs } = stream;
  const heads = { chain, stored: () => health.head()?.number, queued, blockTimeMs, branches: judged };
  const observed = observer.stream(scopes, stream, heads);
  const reader = readAhead(openStateReader(endpoints, { second: stream.secondOpinion }), stream.coming);
  const self = startSelfWatch({ options, store, health, tell, onHeartbeat: observer.onHeartbeat });
  const answers = openAnswers({ reader, endpoints, remotes, executor, head: stream.head, tell, signal });
  const sends = stored.commands.filter((command) => command.kind === "send");
  const held = holdOrders(sends, { chainHead: stream.head, judged: health.head, stands: stream.stands, run, signal });
  running = drive({
    stepper,
    mailbox,
    stream: observing(preblock, liveFrom === undefined ? noteLive(store, observed) : observed),
    signal,
    seer: reader,
    answer: (ref, reads) => preblock?.answer(ref, reads) ?? answers.answer(ref, reads),
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
      endEarlier(commit, isPast(firstLive(), commit.cursor?.number));
      health.onStored(commit);
      observer.onStored(commit, times);
      self.onStored(commit);
      branches.onStored(commit);
      sender?.onStored(commit);
      held.onStored(commit);
      if (commit.cursor) preblock?.moveTo(commit.cursor);
      if (commit.cursor && isPast(firstLive(), commit.cursor.number)) modes.look();
      if (program.policy !== null && commit.cursor && !warmed) {
        warmed = true;
        simulator.warm(commit.cursor);
      }
      options.onStored?.(commit, times);
    },
    run,
  });
  watchSwitch(options.dataDir, modes.onSwitch, signal);
  modes.look();
  for (const command of stored.commands) if (command.kind !== "send") run(command);
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
      await branches.close();
      await sender?.close();
      relay?.close();
      await stepper.close();
      await simulator.close();
      await deriver.close();
      await answers.close();
      await executor?.close();
    },
  };
}

// A policy with a relay that cannot be reached must not come to sending to everybody, nor a relay without terms to anything.
function relayOf({ program, relay, signal }: WatchOptions, tell: (input: Input) => void): Relay | undefined {
  const terms = program.policy?.relay;
  if (terms !== undefined && relay !== undefined) return openRelay({ terms, access: relay, tell, signal });
  if (terms === relay) return undefined;
  throw new RelayUnmatched(terms?.name);
}

function threadLost({ detector, reason }: Extract<Loss, { kind: "died" }>): StreamTrouble {
  const during = detector === undefined ? "between two detectors" : `while ${detector} ran`;
  const message = `The thread of all detectors died ${during}: ${reason.split("\n")[0]!.replace(/\.$/, "")}. Its block is judged again in a new one.`;
  return { kind: "trouble", trouble: "thread-lost", endpoint: "detection thread", message };
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

/** Whether all blocks before `firstLive` are stored. */
function isPast(firstLive: bigint | undefined, stored: bigint | undefined): boolean {
  return firstLive !== undefined && stored !== undefined && stored + 1n >= firstLive;
}

/** Policy and access do not speak of a relay both. */
export class RelayUnmatched extends Error {
  override readonly name = "RelayUnmatched";
  constructor(name: string | undefined) {
    super(
      name === undefined
        ? "A relay is given, and the policy names none.\n- When its bytes may be public is the policy's to say.\n- Name `relay` in the policy."
        : `The policy names the relay ${name}, and nothing says how it is reached.\n- Nothing is sent to the public nodes in its place.\n- Give \`relay\` to the watch, or take it out of the policy.`,
    );
  }
}
