// The other end of the socket may be anyone: what it sends is bounded in size and number, and what it says in errors is told
// quoted and without URLs. Losing it costs nothing but speed, so every doubt closes it and connects anew.
import { type RawData, WebSocket } from "ws";
import { openCleaner, redactUrl } from "../rpc/redactUrl.ts";
import { sleep } from "../rpc/sleep.ts";
import { isHeadUrl } from "./isHeadUrl.ts";
import { type HeadHint, parseHeadMessage } from "./parseHeadMessage.ts";

/** Told what happens to a subscription. */
export interface HeadListener {
  /** The node took the subscription. `renew` closes the connection, for the reason given, and makes another. */
  onOpen(renew: (why: string) => void): void;
  onHint(hint: HeadHint): void;
  /** The connection is gone, or could not be made; another is tried later. Told each time. */
  onLost(why: string): void;
}

export interface HeadSourceOptions {
  /** Name in messages. Default: the URL without what may be a key. */
  readonly label?: string;
  /** For the connection, and again for the answer to `eth_subscribe`. Default 10 s. */
  readonly timeoutMs?: number;
  /** How often the node has to show that it is there. Default 15 s. */
  readonly pingMs?: number;
  /** Bytes of one message; a header has 2,000, or some more on chains that put their validators into it. Default 256 KiB. */
  readonly maxBytes?: number;
  /** Messages in one second; more closes the connection. Default 500. */
  readonly maxPerSecond?: number;
  /** The first and the longest wait before the next connection. Default 500 ms and 60 s; it doubles between. */
  readonly firstBackoffMs?: number;
  readonly maxBackoffMs?: number;
}

/** A node that says over a WebSocket when there is a new head. */
export interface HeadSource {
  readonly label: string;
  readonly url: string;
  /** Messages that were none of the protocol, and were passed over. */
  readonly malformed: number;
  /** Subscribes to `newHeads`, again and again, until `signal`. */
  follow(listener: HeadListener, signal: AbortSignal): Promise<void>;
}

type Limits = Required<Omit<HeadSourceOptions, "label">>;

// A connection that lasted this long was a good one: the next wait is the first again.
const STEADY_MS = 60_000;
const MAX_BYTES_A_SECOND = 4 * 1024 * 1024;
// What a peer asks us to send and does not read.
const MAX_UNSENT_BYTES = 64 * 1024;

/** Opens the WebSocket node at `url` (ws or wss). Connects when it is followed. Throws `HeadUrlRefused`. */
export function openHeadSource(url: string, options: HeadSourceOptions = {}): HeadSource {
  if (!isHeadUrl(url)) throw new HeadUrlRefused(url);
  const limits: Limits = {
    timeoutMs: 10_000,
    pingMs: 15_000,
    maxBytes: 256 * 1024,
    maxPerSecond: 500,
    firstBackoffMs: 500,
    maxBackoffMs: 60_000,
    ...options,
  };
  let malformed = 0;
  const onMalformed = () => {
    malformed += 1;
  };
  return {
    label: options.label ?? redactUrl(url),
    url,
    get malformed() {
      return malformed;
    },
    async follow(listener, signal) {
      let backoffMs = limits.firstBackoffMs;
      while (!signal.aborted) {
        const startedMs = performance.now();
        const why = await connect(url, { limits, listener, onMalformed, signal });
        if (signal.aborted) return;
        listener.onLost(why);
        if (performance.now() - startedMs > STEADY_MS) backoffMs = limits.firstBackoffMs;
        // Jitter, or all watches come back to a restarted node in the same moment.
        await sleep(backoffMs * (0.5 + Math.random() / 2), signal);
        backoffMs = Math.min(limits.maxBackoffMs, backoffMs * 2);
      }
    },
  };
}

interface Connecting {
  readonly limits: Limits;
  readonly listener: HeadListener;
  readonly onMalformed: () => void;
  readonly signal: AbortSignal;
}

/** One connection. Resolves with the reason when it is over. */
function connect(url: string, { limits, listener, onMalformed, signal }: Connecting): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, {
      handshakeTimeout: limits.timeoutMs,
      maxPayload: limits.maxBytes,
      maxFragments: 1_024,
      maxBufferedChunks: 4_096,
      // A small message must not unfold into a large one.
      perMessageDeflate: false,
      // Answered below, within a bound.
      autoPong: false,
    });
    let isOver = false;
    let subscription: string | undefined;
    let isHeard = true;
    const clean = openCleaner(url);
    // The library's own limit begins anew with every byte that a server drips.
    const unopened = () => end(`it did not open within ${limits.timeoutMs} ms`);
    let timers: NodeJS.Timeout[] = [setTimeout(unopened, limits.timeoutMs)];
    const isWithinRate = rateOf(limits.maxPerSecond);

    function end(why: string): void {
      if (isOver) return;
      isOver = true;
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      socket.terminate();
      resolve(clean(why));
    }
    const abort = () => end("the watch ends");
    signal.addEventListener("abort", abort, { once: true });

    /** Whether what has arrived is to be looked at. */
    function take(bytes: number): boolean {
      isHeard = true;
      if (!isOver && !isWithinRate(bytes))
        end(`it sent more than ${limits.maxPerSecond} messages or 4 MiB in a second`);
      return !isOver;
    }

    function read(data: RawData, isBinary: boolean): void {
      if (!take((data as Buffer).length)) return;
      const message = isBinary ? undefined : parseHeadMessage((data as Buffer).toString("utf8"));
      if (message?.kind === "refused") end(message.reason);
      else if (message?.kind === "subscribed" && subscription === undefined) {
        subscription = message.subscription;
        listener.onOpen(end);
      } else if (message?.kind === "hint" && message.subscription === subscription) listener.onHint(message.hint);
      else onMalformed();
    }

    function ping(): void {
      if (isHeard) socket.ping();
      else end(`it was not heard for ${limits.pingMs} ms`);
      isHeard = false;
    }

    socket.once("open", () => {
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: ["newHeads"] }));
      const unanswered = () => {
        if (subscription === undefined) end(`eth_subscribe was not answered within ${limits.timeoutMs} ms`);
      };
      for (const timer of timers) clearTimeout(timer);
      timers = [setInterval(ping, limits.pingMs), setTimeout(unanswered, limits.timeoutMs)];
    });
    socket.on("message", read);
    socket.on("pong", (data) => take(data.length));
    socket.on("ping", (data) => {
      if (take(data.length) && socket.bufferedAmount <= MAX_UNSENT_BYTES) socket.pong(data);
    });
    // It stays on: ending a connection that is still made raises one more.
    socket.on("error", (error: Error & { code?: string }) => end(error.message || `${error.code}`));
    socket.on("close", (code) => end(`it was closed with code ${code}`));
  });
}

/** Counts messages and bytes by the second; false where there are too many. */
function rateOf(maxPerSecond: number): (bytes: number) => boolean {
  let sinceMs = performance.now();
  let seen = { messages: 0, bytes: 0 };
  return (bytes) => {
    if (performance.now() - sinceMs >= 1_000) {
      sinceMs = performance.now();
      seen = { messages: 0, bytes: 0 };
    }
    seen.messages += 1;
    seen.bytes += bytes;
    return seen.messages <= maxPerSecond && seen.bytes <= MAX_BYTES_A_SECOND;
  };
}

/** The URL is none that heads can be told at. */
export class HeadUrlRefused extends Error {
  override readonly name = "HeadUrlRefused";
  constructor(url: string) {
    super(
      [
        `"${redactUrl(url)}" is no address that tells heads.`,
        "- Allowed are ws:// and wss:// URLs without a fragment.",
        '- Write it in full, for example "wss://node.example/ws".',
      ].join("\n"),
    );
  }
}
