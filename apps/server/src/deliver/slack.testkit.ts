// Slack's Web API as its documentation has it: ok:false inside of 200, 429 with Retry-After, threads by ts, metadata.
import type { ChannelBench } from "./channelSuite.testkit.ts";
import { linkedIn } from "./nastyText.testkit.ts";
import { type Asked, openService, type Reply, type Service } from "./service.testkit.ts";
import { type SlackOptions, slackChannel } from "./slackChannel.ts";

export const slackToken = "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy";

// biome-ignore lint/suspicious/noExplicitAny: messages are foreign JSON
type Message = { ts: string; thread_ts?: string; channel: string } & Record<string, any>;

export interface SlackBench extends ChannelBench {
  readonly service: Service;
  readonly messages: Message[];
  /** Every request is refused with this code until it is undefined again. */
  refusal: string | undefined;
}

export async function openSlackBench(options: Partial<SlackOptions> = {}): Promise<SlackBench> {
  const messages: Message[] = [];
  let count = 0;
  const bench = { refusal: undefined as string | undefined };
  const no = (error: string): Reply => ({ status: 200, body: { ok: false, error } });
  const handle = ({ path, json, query, headers }: Asked): Reply => {
    if (headers.authorization !== `Bearer ${slackToken}`) return no("invalid_auth");
    if (bench.refusal !== undefined) return no(bench.refusal);
    const channel = json?.channel ?? query.get("channel");
    if (channel !== "C012AB3CD") return no("channel_not_found");
    switch (path) {
      case "/api/chat.postMessage": {
        const fault = faultIn(json);
        if (fault !== undefined) return no(fault);
        if (json.thread_ts !== undefined && !messages.some(({ ts }) => ts === json.thread_ts))
          return no("thread_not_found");
        const ts = `1700000000.${String(++count).padStart(6, "0")}`;
        messages.push({ ...json, ts });
        return { status: 200, body: { ok: true, channel, ts, message: { text: json.text } } };
      }
      case "/api/chat.update": {
        const message = messages.find(({ ts }) => ts === json.ts);
        if (message === undefined) return no("message_not_found");
        const fault = faultIn(json);
        if (fault !== undefined) return no(fault);
        Object.assign(message, json);
        return { status: 200, body: { ok: true, channel, ts: json.ts, text: json.text } };
      }
      case "/api/conversations.history":
        return {
          status: 200,
          body: {
            ok: true,
            ...shown(messages.filter((m) => m.thread_ts === undefined).reverse(), query),
          },
        };
      case "/api/conversations.replies": {
        const ts = query.get("ts");
        const thread = messages.filter((m) => m.ts === ts || m.thread_ts === ts);
        return thread.length === 0
          ? no("thread_not_found")
          : { status: 200, body: { ok: true, ...shown(thread, query) } };
      }
    }
    return no("unknown_method");
  };
  const service = await openService(handle, {
    rateLimited: () => ({ status: 429, headers: { "retry-after": "30" }, body: { ok: false, error: "ratelimited" } }),
    isReading: ({ path }) => path.includes("conversations."),
  });
  const channel = slackChannel({
    name: "slack",
    token: slackToken,
    room: "C012AB3CD",
    baseUrl: `${service.url}/api/`,
    ...options,
  });
  return Object.assign(bench, {
    channel,
    service,
    messages,
    secrets: [slackToken],
    threads: () =>
      messages
        .filter((m) => m.thread_ts === undefined)
        .map((root) => [root, ...messages.filter((m) => m.thread_ts === root.ts)].map(textOf)),
    active: () => messages.flatMap(activeIn),
    breakNext: service.breakNext,
    close: service.close,
  });
}

/** One page of `messages`: a room's come with the newest first, a thread's with the oldest. */
function shown(messages: readonly Message[], query: URLSearchParams): object {
  const all = query.get("include_all_metadata") === "true";
  const from = Number(query.get("cursor") ?? 0);
  const end = from + Number(query.get("limit") ?? 100);
  const page = messages.slice(from, end);
  return {
    messages: page.map(({ ts, text, metadata }) => (all ? { ts, text, metadata } : { ts, text })),
    response_metadata: { next_cursor: end < messages.length ? `${end}` : "" },
  };
}

interface Block {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string; readonly emoji?: boolean };
  readonly elements?: readonly { readonly text: { readonly text: string }; readonly value: string }[];
}

function faultIn({ text, blocks, metadata }: Message): string | undefined {
  if (typeof text !== "string" || text === "") return "no_text";
  if (text.length > 40_000) return "msg_too_long";
  if (JSON.stringify(metadata ?? {}).length > 8_000) return "metadata_too_large";
  for (const { type, text: inner } of blocks as Block[]) {
    if (type === "header" && (inner!.text.length > 150 || inner!.type !== "plain_text")) return "invalid_blocks";
    if (type === "section" && (inner!.text.length > 3_000 || inner!.text === "")) return "invalid_blocks";
  }
  return undefined;
}

function textOf({ blocks }: Message): string {
  return (blocks as Block[]).flatMap(({ text }) => text?.text ?? []).join("\n");
}

function activeIn(message: Message): string[] {
  const objects = (message.blocks as Block[]).flatMap(({ text }) => text ?? []);
  return [
    ...objects.filter(({ type }) => type !== "plain_text").map(({ type }) => type),
    ...objects.filter(({ emoji }) => emoji !== false).map(() => "emoji"),
    ...objects.flatMap(({ text }) => linkedIn(text)),
    ...(message.text.match(/[<>]|&(?!amp;|lt;|gt;)/g) ?? []),
    ...linkedIn(message.text),
    ...(message.parse !== "none" || message.link_names !== false || message.unfurl_links !== false ? ["parsed"] : []),
  ];
}
