// The composition root of a running watch: store, delivery and HTTP interface around the pipeline.
import { setMaxListeners } from "node:events";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import {
  detectSuspiciousDeploy,
  fundingRules,
  type SuspiciousDeployParams,
} from "@testudo/core/detectors/detectSuspiciousDeploy";
import type { Input } from "@testudo/core/model/Input";
import { openBus } from "../api/Bus.ts";
import { serveApi } from "../api/serveApi.ts";
import { openVennDesk } from "../detect/openVennDesk.ts";
import { openMailbox } from "../jobs/step/mailbox.ts";
import { openObserver } from "../observe/openObserver.ts";
import { newToken, removeServerFile, writeServerFile } from "../operator/serverFile.ts";
import { toTypedMessage } from "../operator/toTypedMessage.ts";
import type { Preblock } from "../preblock/openPreblock.ts";
import { openReportDesk } from "../report/openReportDesk.ts";
import { loadState } from "../store/loadState.ts";
import { openStore } from "../store/openStore.ts";
import type { FeedEntry } from "../store/readFeed.ts";
import { withShelved } from "../store/withShelved.ts";
import { openHealth } from "./health.ts";
import { openLoopDelay } from "./loopDelay.ts";
import { type Delivery, openDelivery } from "./openDelivery.ts";
import { openNode } from "./openNode.ts";
import type { Reloaded } from "./reloadRules.ts";
import { type Parts, startPipeline } from "./startPipeline.ts";
import type { PreblockSettings, Watch, WatchOptions } from "./Watch.ts";

/** Opens everything and starts watching. Rejects with the first part that does not open, closing the rest. */
export async function openWatch(options: WatchOptions): Promise<Watch> {
  const { dataDir, program } = options;
  const stop = new AbortController();
  // Each channel and each source listens once; that is no leak, however many there are.
  setMaxListeners(0, stop.signal);
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
      (await openPool(options, options.preblock, { endpoints, mailbox, tell, observer, signal: stop.signal }));
    closers.push(() => preblock?.close());
    const deliver = (input: Input) => mailbox.deliver(input);
    const takeReport = openReportDesk({ store, chainId: program.chainId, watched: program.watched, deliver });
    const token = newToken();
    // The interface is open before anything is told: whoever asks too early is told to come again.
    const hands: { delivery?: Delivery } = {};
    const reloading = {
      reload: async (_: string): Promise<Reloaded> => ({ state: "refused", reason: "The watch begins." }),
    };
    const vennDesk = openVennDesk();
    closers.push(() => vennDesk.close());
    const api = await serveApi({
      ...options.api,
      judgeVenn: vennDesk.judge,
      store,
      bus,
      token,
      toTypedMessage,
      isGuardian: (signer) => program.policy?.guardians.includes(signer) ?? false,
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
        (await mailbox.deliver(await withShelved(store, input)))
          ? { accepted: true }
          : { accepted: false, reason: "The watch ends.\n- Nothing was taken.\n- Bring it again when it runs." },
      takeReport,
      ...(options.nameOf ? { nameOf: options.nameOf } : {}),
      ...(options.settings ? { reload: (actor) => reloading.reload(actor) } : {}),
      ...(preblock && options.preblock?.endpoint !== false ? { judgePending: preblock.submit } : {}),
      people: options.people ?? [],
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
      onBuried: observer.onBuried,
      onTrouble: (channel, message) =>
        tell({ kind: "trouble", trouble: "dead-letter", endpoint: `channel ${channel}`, message }),
    });
    hands.delivery = delivery;
    const running = await startPipeline(
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
  parts: Pick<Parts, "endpoints" | "mailbox" | "tell" | "observer"> & { readonly signal: AbortSignal },
): Promise<Preblock> {
  const { openPreblock } = await import("../preblock/openPreblock.ts");
  const { openSeal } = await import("../preblock/sealCall.ts");
  const seal = openSeal(recipients);
  const { executions } = parts.observer;
  const suspicious = program.detectors.find(({ meta }) => meta.id === detectSuspiciousDeploy.meta.id);
  return openPreblock({
    endpoints: parts.endpoints,
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
    onVerdict(verdict) {
      executions.onVerdict(verdict);
      onVerdict?.(verdict);
    },
    onProbed(probed) {
      executions.onProbed(probed);
      onProbed?.(probed);
    },
    onNotPredicted: executions.onNotPredicted,
    signal: parts.signal,
  });
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
