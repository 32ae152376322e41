import { isMainThread, MessageChannel, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { type Bounds, startBounded } from "../../jobs/thread/startBounded.ts";
import type { BotBlock, BotFinding, BotReply, BotSource, BotThreadData } from "./BotMessage.ts";

export interface BotsOptions {
  readonly id: string;
  readonly bots: readonly BotSource[];
  readonly allowsNetwork: boolean;
  /** The node that bots with a network may ask. */
  readonly rpcUrl: string | undefined;
  readonly limitMs: number;
  /** Default 1 GiB of heap, and half as much beside it. */
  readonly memory?: Bounds;
}

/** Bots in their thread. `judge` waits for them. */
export interface Bots {
  judge(block: BotBlock): readonly BotFinding[];
  /** Loads them without a network, as to judge, and ends. Throws BotFailed or BotsSilent where they do not load. */
  tryLoading(): void;
}

// Loading a bot and its libraries takes a second or two, and must not count as judging.
const loadLimitMs = 60_000;
// What a bot remembers of every transaction grows with what strangers send, and would end the process with it.
const usualMemory: Bounds = { heapMb: 1_024, outsideMb: 512 };

// A configuration that is read again brings its bots again: those of before end.
const running = new Map<string, Worker>();

/**
 * The bots of an adapter. In the detection thread they are loaded at once, elsewhere when they first judge: the main thread
 * reads the same configuration and judges nothing.
 */
export function openBots(options: BotsOptions): Bots {
  const begin = () => startThread(options, renew);
  // Who was ended between two blocks for what it remembered begins anew then, and not while a block waits for it.
  const renew = (worker: Worker, why: string) => {
    // Nor where others have taken their place, which would be ended for it.
    if (thread?.worker !== worker || !thread.isThere() || running.get(options.id) !== worker) return;
    lost = why;
    thread = begin();
  };
  let lost: string | undefined;
  let thread: Thread | undefined = isMainThread ? undefined : loaded(begin());
  return {
    judge(block) {
      if (lost !== undefined) {
        // What they remembered is gone, which has to be told.
        const why = lost;
        lost = undefined;
        throw new BotFailed(options.id, why);
      }
      const own = thread ?? begin();
      // What does not load is begun anew at the next block.
      thread = undefined;
      thread = loaded(own);
      try {
        return thread.ask(block);
      } catch (error) {
        void thread.worker.terminate();
        // At once: who judges the next block does not wait for what loads meanwhile, and is not taken for hanging.
        thread = begin();
        throw error;
      }
    },
    tryLoading: () =>
      void loaded(startThread({ ...options, allowsNetwork: false }, () => undefined)).worker.terminate(),
  };
}

/** `thread` once its bots are there. Throws BotFailed or BotsSilent where they do not load. */
function loaded(thread: Thread): Thread {
  thread.load();
  return thread;
}

interface Thread {
  readonly worker: Worker;
  /** Whether its bots were loaded. */
  isThere(): boolean;
  /** Waits for its bots, once. */
  load(): void;
  ask(block: BotBlock): readonly BotFinding[];
}

function startThread(options: BotsOptions, onLost: (worker: Worker, why: string) => void): Thread {
  const { id, bots, allowsNetwork, rpcUrl, limitMs, memory = usualMemory } = options;
  void running.get(id)?.terminate();
  const signal = new SharedArrayBuffer(4);
  const done = new Int32Array(signal);
  const { port1: ours, port2: port } = new MessageChannel();
  ours.unref();
  const data: BotThreadData = { bots, allowsNetwork, signal, port };
  const script = new URL("./botThread.js", import.meta.url);
  const worker = startBounded(script, { workerData: data, transferList: [port], env: environment(rpcUrl) }, memory);
  running.set(id, worker);
  worker.unref();
  // While a block waits for it, told by the wait that ends without a reply.
  worker.on("error", ({ message }) => onLost(worker, `the thread of the bots was ended: ${message}.`));
  const wait = (ms: number): BotReply => {
    if (Atomics.wait(done, 0, 0, ms) === "timed-out") throw new BotsSilent(id, ms);
    Atomics.store(done, 0, 0);
    const received = receiveMessageOnPort(ours) as { readonly message: BotReply } | undefined;
    if (received === undefined) throw new BotsSilent(id, ms);
    return received.message;
  };
  let isThere = false;
  return {
    worker,
    isThere: () => isThere,
    load() {
      if (isThere) return;
      try {
        const reply = wait(loadLimitMs);
        if (reply.kind === "failed") throw new BotFailed(id, reply.message);
        isThere = true;
      } catch (error) {
        void worker.terminate();
        throw error;
      }
    },
    ask(block) {
      ours.postMessage(block);
      const reply = wait(limitMs);
      if (reply.kind === "failed") throw new BotFailed(id, reply.message);
      return reply.kind === "found" ? reply.findings : [];
    },
  };
}

/** Secrets of the watch are none of a bot's business. */
function environment(rpcUrl: string | undefined): Record<string, string> {
  const node =
    rpcUrl === undefined ? {} : { JSON_RPC_HOST: new URL(rpcUrl).hostname, JSON_RPC_PORT: new URL(rpcUrl).port };
  return { NODE_ENV: "production", PATH: process.env.PATH ?? "", ...node };
}

/** A bot threw. Its adapter counts as failed for this block, and the bots begin anew at the next. */
export class BotFailed extends Error {
  override readonly name = "BotFailed";
  constructor(id: string, message: string) {
    super(
      `A bot of "${id}" failed: ${message}\n- The block is judged without it.\n- Look at the bot; it begins anew at the next block.`,
    );
  }
}

/** The bots did not answer in time, or did not load. */
export class BotsSilent extends Error {
  override readonly name = "BotsSilent";
  constructor(id: string, ms: number) {
    super(
      `The bots of "${id}" did not answer within ${ms} ms.\n- They begin anew at the next block.\n- Run the bot by itself to see what it waits for, or raise its limitMs.`,
    );
  }
}
