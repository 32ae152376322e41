import { limitTime } from "@testudo/chain/rpc/limitTime";
import { redactUrl } from "@testudo/chain/rpc/redactUrl";
import { sleep } from "@testudo/chain/rpc/sleep";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { parseSecret, signWebhook } from "../deliver/signWebhook.ts";
import type { Observability } from "./Observability.ts";

/** What heartbeats need. */
export interface HeartbeatOptions {
  readonly settings: NonNullable<Observability["heartbeat"]>;
  /** What stands in the body. A reason not to send: this watch stands still, and silence is the truth. */
  readonly state: () => { readonly body: object; readonly stuck?: string };
  readonly tell: (trouble: StreamTrouble) => void;
  /** Told of each that was taken, in Unix ms. */
  readonly onTaken: (atMs: number) => void;
  readonly signal: AbortSignal;
}

const endpoint = "heartbeat";
const timeoutMs = 10_000;

/**
 * Posts to the receiver at once and then every `everySeconds`, so that it pages when nothing comes (SELF-02). What is not taken
 * is tried once more, then told as a trouble, until one is taken again. Resolves when `signal` is aborted.
 */
export async function sendHeartbeats(options: HeartbeatOptions): Promise<void> {
  const { settings, tell, signal } = options;
  const everyMs = settings.everySeconds * 1_000;
  let isMissed = false;
  while (!signal.aborted) {
    // Not by the machine's clock: set back by an hour meanwhile, it would have the receiver page.
    const dueMs = performance.now() + everyMs;
    let failure = await beat(options);
    if (failure !== undefined) {
      await sleep(Math.min(5_000, everyMs / 4), signal);
      failure = await beat(options);
    }
    if (signal.aborted) return;
    if (failure !== undefined && !isMissed)
      tell({
        kind: "trouble",
        trouble: "heartbeat-missed",
        endpoint,
        message: `The heartbeat was not taken: ${failure}`,
      });
    if (failure === undefined && isMissed)
      tell({
        kind: "trouble",
        trouble: "recovered",
        over: "heartbeat-missed",
        endpoint,
        message: "The heartbeat is taken again.",
      });
    isMissed = failure !== undefined;
    await sleep(Math.max(0, dueMs - performance.now()), signal);
  }
}

/** Undefined when it was taken, else why not. */
async function beat({ settings, state, onTaken, signal }: HeartbeatOptions): Promise<string | undefined> {
  const { body: facts, stuck } = state();
  if (stuck !== undefined) return stuck;
  const at = new Date();
  const body = JSON.stringify({ type: "testudo.heartbeat.v1", data: { ...facts, at: at.toISOString() } });
  const keys = settings.secrets.map(parseSecret);
  const signature =
    keys.length === 0 ? {} : signWebhook(keys, `heartbeat-${at.getTime()}`, Math.floor(at.getTime() / 1_000), body);
  try {
    const { ok, status } = await limitTime(timeoutMs, signal, async (limit) => {
      const answer = await fetch(settings.url, {
        method: "POST",
        headers: { ...signature, "content-type": "application/json", "user-agent": "testudo" },
        body,
        redirect: "manual",
        signal: limit,
      });
      await answer.body?.cancel();
      return answer;
    });
    if (!ok) return `${redactUrl(settings.url)} answered ${status}.`;
    onTaken(at.getTime());
    return undefined;
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error };
    return `no answer from ${redactUrl(settings.url)}: ${cause?.message || message}.`;
  }
}
