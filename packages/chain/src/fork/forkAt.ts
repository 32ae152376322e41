// What an action would do is tried on a private copy of the chain. One anvil serves all trials: starting one takes longer
// than moving it to another block, and what it has read of a block it keeps.
import type { BlockRef, CallFrame } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { SimulatedCall } from "@testudo/core/model/Simulation";
import { describeRevert } from "../act/readPause.ts";
import { blockCall } from "../block/fetchBundle.ts";
import { BlockUnknown } from "../rpc/BlockUnknown.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { within } from "../rpc/within.ts";
import { parseBlock } from "../wire/parseBlock.ts";
import { toBigint, toFields, toHash, toNumber } from "../wire/parseField.ts";
import { parseFrame } from "../wire/parseTrace.ts";
import { type Anvil, startAnvil } from "./startAnvil.ts";

/** A transaction to run on a fork, sent in the name of `from` without its key; `from` is given 1,000 ether for gas. */
export interface ForkCall {
  readonly from: Address;
  /** Left out or null for a creation. */
  readonly to?: Address | null;
  readonly data: Hex;
  readonly value?: bigint;
  readonly gas?: bigint;
  /** Unix seconds of its block; later where the blocks before it leave no room. Default: a second after the one before. */
  readonly timestamp?: bigint;
}

/** One step of a simulation, and what has to come of it. */
export interface SimulationStep extends ForkCall {
  readonly name: string;
  readonly expect: "succeeds" | "reverts";
}

/** What became of a transaction on the fork. */
export interface ForkResult {
  readonly succeeded: boolean;
  /** For a person: the gas it took, or why it failed. */
  readonly detail: string;
  readonly gasUsed: bigint;
  /** Its call tree with logs. */
  readonly trace: CallFrame;
}

/** A storage slot to look at after a run. */
export interface ForkSlot {
  readonly address: Address;
  readonly slot: Hex;
}

/** What ran, and the 32-byte words of the slots afterwards. */
export interface ForkInspection {
  readonly results: readonly ForkResult[];
  readonly words: readonly Hex[];
}

/** A copy of the chain that can be moved from block to block. Its runs come one after the other. */
export interface Fork {
  /**
   * Runs `calls` in order on the state after `ref`, each in a block of its own, and forgets what they did.
   * Throws `ForkMoved` when the chain has another block at that height by now, or what the nodes throw.
   */
  replay(ref: BlockRef, calls: readonly ForkCall[]): Promise<ForkResult[]>;
  /** The same, and then the words that stand in `slots`. */
  inspect(ref: BlockRef, calls: readonly ForkCall[], slots: readonly ForkSlot[]): Promise<ForkInspection>;
  /** The same as `replay`, told as the steps of a simulation (RESP-03). */
  simulate(ref: BlockRef, steps: readonly SimulationStep[]): Promise<SimulatedCall[]>;
  /** Whose state the next run reads first. */
  origin(): Endpoint;
  /** Ends the fork's process. */
  stop(): Promise<void>;
}

export interface ForkOptions {
  /**
   * How long one question to the fork may take; it may have to read state from the origin. So long may all of a run take on one
   * origin while another is left, and ten times as long on the last. Default 30 s.
   */
  readonly timeoutMs?: number;
  readonly args?: readonly string[];
}

// The most that a transaction may take since EIP-7825.
const DEFAULT_GAS = 1n << 24n;
const GAS_MONEY = 1_000n * 10n ** 18n;

// Whoever does not name the block by then is passed over; reading state for a run may take longer.
const PROBE_TIMEOUT_MS = 3_000;

// An origin that gives each word of state just in time is not to take the whole time of an action.
const LAST_TIMES = 10;

/** A run on one origin; what of it goes on once it is over may not touch the process of the next. */
interface Stage {
  readonly origin: Endpoint;
  isOver: boolean;
}

/**
 * Makes a fork of the chain that `origins` follow. The process starts with the first run. It reads from one origin, and from
 * the next where that one is away, has another block than the one asked for, or cannot give the state.
 */
export function openFork(origins: readonly Endpoint[], options: ForkOptions = {}): Fork {
  let running: { readonly anvil: Anvil; readonly endpoint: Endpoint } | undefined;
  let pinned: Hex | undefined;
  let line: Promise<unknown> = Promise.resolve();
  let turn = 0;
  const { timeoutMs = 30_000 } = options;

  async function start(stage: Stage, ref: BlockRef): Promise<Endpoint> {
    const { origin } = stage;
    assertOn(stage);
    if (running?.anvil.isAlive() === true) return running.endpoint;
    const anvil = await startAnvil({
      forkUrl: origin.url,
      forkBlock: ref.number,
      accounts: 0,
      // A cache on disk would outlive a reorg.
      noMining: true,
      args: ["--no-storage-caching", "--auto-impersonate", "--disable-console-log", ...(options.args ?? [])],
    });
    if (stage.isOver) await anvil.stop();
    assertOn(stage);
    const endpoint = openEndpoint(anvil.url, { label: "fork", timeoutMs });
    running = { anvil, endpoint };
    pinned = undefined;
    return endpoint;
  }

  /** Moves the fork to `ref`. anvil forks by number, so the hash is compared here and again after the run. */
  async function pin(stage: Stage, ref: BlockRef): Promise<Endpoint> {
    const { origin } = stage;
    await assertHas(origin, ref);
    const isFresh = running?.anvil.isAlive() !== true;
    const endpoint = await start(stage, ref);
    if (pinned === ref.hash) return endpoint;
    pinned = undefined;
    const forking = { jsonRpcUrl: origin.url, blockNumber: Number(ref.number) };
    if (!isFresh) {
      await endpoint.request("anvil_dropAllTransactions");
      await endpoint.request("anvil_reset", [{ forking }]);
    }
    await assertHas(endpoint, ref);
    pinned = ref.hash;
    return endpoint;
  }

  async function runFrom(stage: Stage, ref: BlockRef, calls: readonly ForkCall[], slots: readonly ForkSlot[]) {
    const endpoint = await pin(stage, ref);
    const snapshot = await endpoint.request("evm_snapshot");
    try {
      const results: ForkResult[] = [];
      let now = ref.timestamp;
      for (const call of calls) {
        now = call.timestamp !== undefined && call.timestamp > now ? call.timestamp : now + 1n;
        results.push(await runOne(endpoint, call, now));
      }
      const words = await wordsOf(endpoint, slots);
      await assertHas(stage.origin, ref);
      await endpoint.request("evm_revert", [snapshot]);
      return { results, words };
    } catch (error) {
      // Whatever state it is in, the next run begins with a reset.
      if (!stage.isOver) pinned = undefined;
      throw error;
    }
  }

  async function run(ref: BlockRef, calls: readonly ForkCall[], slots: readonly ForkSlot[]) {
    for (let left = origins.length - 1; ; left -= 1) {
      const stage: Stage = { origin: origins[turn % origins.length]!, isOver: false };
      const limitMs = left > 0 ? timeoutMs : timeoutMs * LAST_TIMES;
      try {
        const ran = await within(limitMs, runFrom(stage, ref, calls, slots));
        if (ran !== undefined) return ran;
        throw new ForkTooSlow(stage.origin.label, ref, limitMs);
      } catch (error) {
        stage.isOver = true;
        if (origins.length > 1) turn += 1;
        // A process that waits for a node that is away may not be moved to another.
        if (origins.length > 1 || error instanceof ForkTooSlow) await stop();
        if (left <= 0) throw error;
      }
    }
  }

  async function stop(): Promise<void> {
    const last = running;
    running = undefined;
    pinned = undefined;
    await last?.anvil.stop();
    last?.endpoint.close();
  }

  function inspect(ref: BlockRef, calls: readonly ForkCall[], slots: readonly ForkSlot[]): Promise<ForkInspection> {
    const result = line.then(() => run(ref, calls, slots));
    line = result.catch(() => {});
    return result;
  }

  async function replay(ref: BlockRef, calls: readonly ForkCall[]): Promise<ForkResult[]> {
    return [...(await inspect(ref, calls, [])).results];
  }

  return {
    replay,
    inspect,
    async simulate(ref, steps) {
      const results = await replay(ref, steps);
      return results.map(({ succeeded, detail }, i) => {
        const { name, expect } = steps[i]!;
        return { name, expect, succeeded, detail };
      });
    },
    origin: () => origins[turn % origins.length]!,
    stop,
  };
}

function assertOn({ origin, isOver }: Stage): void {
  if (isOver) throw new Error(`The run on the state of ${origin.label} is over.`);
}

async function assertHas(endpoint: Endpoint, ref: BlockRef): Promise<void> {
  const { method, params } = blockCall(ref.number, false);
  const answer = await endpoint.request(method, params, { timeoutMs: PROBE_TIMEOUT_MS });
  const block = parseBlock(answer, { method, endpoint: endpoint.label });
  if (block === null) throw new BlockUnknown(endpoint.label, ref.number);
  if (block.ref.hash !== ref.hash) throw new ForkMoved(ref, block.ref.hash);
}

async function runOne(endpoint: Endpoint, call: ForkCall, timestamp: bigint): Promise<ForkResult> {
  await giveGasMoney(endpoint, call.from);
  await endpoint.request("evm_setNextBlockTimestamp", [Number(timestamp)]);
  const hash = await send(endpoint, call);
  await endpoint.request("evm_mine");
  const receipt = toFields(
    { method: "eth_getTransactionReceipt", endpoint: endpoint.label },
    "receipt",
    await endpoint.request("eth_getTransactionReceipt", [hash]),
  );
  const method = "debug_traceTransaction";
  const tracer = { tracer: "callTracer", tracerConfig: { withLog: true } };
  const trace = parseFrame(await endpoint.request(method, [hash, tracer]), { method, endpoint: endpoint.label });
  const source = { method: "eth_getTransactionReceipt", endpoint: endpoint.label };
  const succeeded = toNumber(source, "status", receipt.status) === 1;
  const gasUsed = toBigint(source, "gasUsed", receipt.gasUsed);
  return { succeeded, detail: succeeded ? `${gasUsed} gas` : describeFailure(trace), gasUsed, trace };
}

async function wordsOf(endpoint: Endpoint, slots: readonly ForkSlot[]): Promise<Hex[]> {
  const method = "eth_getStorageAt";
  const words: Hex[] = [];
  for (const { address, slot } of slots) {
    const answer = await endpoint.request(method, [address, slot, "latest"]);
    const word = toBigint({ method, endpoint: endpoint.label }, "result", answer);
    words.push(`0x${word.toString(16).padStart(64, "0")}`);
  }
  return words;
}

function describeFailure(trace: CallFrame): string {
  const reason = trace.output === "0x" ? "" : `: ${describeRevert(trace.output)}`;
  return `${(trace.error ?? "failed").split(":")[0]}${reason}`;
}

async function giveGasMoney(endpoint: Endpoint, from: Address): Promise<void> {
  const balance = toBigint(
    { method: "eth_getBalance", endpoint: endpoint.label },
    "result",
    await endpoint.request("eth_getBalance", [from, "latest"]),
  );
  await endpoint.request("anvil_setBalance", [from, `0x${(balance + GAS_MONEY).toString(16)}`]);
}

async function send(endpoint: Endpoint, { from, to, data, value = 0n, gas = DEFAULT_GAS }: ForkCall): Promise<Hex> {
  const method = "eth_sendTransaction";
  const transaction = {
    from,
    ...(to == null ? {} : { to }),
    data,
    value: `0x${value.toString(16)}`,
    gas: `0x${gas.toString(16)}`,
  };
  return toHash({ method, endpoint: endpoint.label }, "result", await endpoint.request(method, [transaction]));
}

/** The chain has another block at the height that was to be forked. */
export class ForkMoved extends Error {
  override readonly name = "ForkMoved";
  constructor(ref: BlockRef, now: Hex) {
    super(
      [
        `Block ${ref.number} is ${now} now, and ${ref.hash} was to be forked.`,
        "- A fork stands on a block of the chain that the node follows.",
        "- A reorg follows in the stream; try again on the new head.",
      ].join("\n"),
    );
  }
}

/** An origin gives the state of a run too slowly. */
export class ForkTooSlow extends Error {
  override readonly name = "ForkTooSlow";
  constructor(origin: string, { number }: BlockRef, limitMs: number) {
    super(
      [
        `Node ${origin} has not given the state for a run on block ${number} within ${limitMs} ms.`,
        "- A run waits for each word of state that it touches; an action waits for its trial.",
        "- Another node is asked where there is one; name one that is nearer, or has less to do.",
      ].join("\n"),
    );
  }
}
