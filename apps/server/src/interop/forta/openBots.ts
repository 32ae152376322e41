import { isMainThread, MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { BotBlock, BotFinding, BotReply, BotSource, BotThreadData } from "./BotMessage.ts";

export interface BotsOptions {
  readonly id: string;
  readonly bots: readonly BotSource[];
  readonly allowsNetwork: boolean;
  /** The node that bots with a network may ask. */
  readonly rpcUrl: string | undefined;
  readonly limitMs: number;
}

/** Bots in their thread. `judge` waits for them. */
export interface Bots {
  judge(block: BotBlock): readonly BotFinding[];
  /** Loads them without a network, as to judge, and ends. Throws BotFailed or BotsSilent where they do not load. */
  tryLoading(): void;
}

// Loading a bot and its libraries takes a second or two, and must not count as judging.
const loadLimitMs = 60_000;

// A configuration that is read again brings its bots again: those of before end.
const running = new Map<string, Worker>();

/**
 * The bots of an adapter. In the detection thread they are loaded at once, elsewhere when they first judge: the main thread
 * reads the same configuration and judges nothing.
 */
export function openBots(options: BotsOptions): Bots {
  let thread: Thread | undefined = isMainThread ? undefined : loaded(startThread(options));
  return {
    judge(block) {
      const own = thread ?? startThread(options);
      // What does not load is begun anew at the next block.
      thread = undefined;
      thread = loaded(own);
      try {
        return thread.ask(block);
      } catch (error) {
        void thread.worker.terminate();
        // At once: who judges the next block does not wait for what loads meanwhile, and is not taken for hanging.
        thread = startThread(options);
        throw error;
      }
    },
    tryLoading: () => void loaded(startThread({ ...options, allowsNetwork: false })).worker.terminate(),
  };
}

/** `thread` once its bots are there. Throws BotFailed or BotsSilent where they do not load. */
function loaded(thread: Thread): Thread {
  thread.load();
  return thread;
}

interface Thread {
  readonly worker: Worker;
  /** Waits for its bots, once. */
  load(): void;
  ask(block: BotBlock): readonly BotFinding[];
}

function startThread({ id, bots, allowsNetwork, rpcUrl, limitMs }: BotsOptions): Thread {
  void running.get(id)?.terminate();
  const signal = new SharedArrayBuffer(4);
  const done = new Int32Array(signal);
  const { port1: ours, port2: port } = new MessageChannel();
  ours.unref();
  const data: BotThreadData = { bots, allowsNetwork, signal, port };
  const worker = new Worker(new URL("./botThread.js", import.meta.url), {
    workerData: data,
    transferList: [port],
    env: environment(rpcUrl),
  });
  running.set(id, worker);
  worker.unref();
  // Told by the wait that ends without a reply.
  worker.on("error", () => undefined);
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
