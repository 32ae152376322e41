import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import type { Channel, Receipt, Thread } from "./Channel.ts";
import { stageOf } from "./Message.ts";
import { openSlack, type Slack, SlackRefused } from "./openSlack.ts";
import type { Rules } from "./Rules.ts";
import { slackMessage } from "./slackMessage.ts";

/** Settings of a Slack channel. */
export interface SlackOptions {
  readonly name: string;
  /** The bot's token, `xoxb-…`, with chat:write (and channels:history, so that a message is found again after a crash). */
  readonly token: string;
  /** The room's id, `C…`. */
  readonly room: string;
  /** Whether to offer a button that acknowledges; its click comes to our API (`api/addSlack.ts`). */
  readonly hasButton?: boolean;
  readonly minSeverity?: Severity;
  readonly rules?: Rules | undefined;
  /** Default https://slack.com/api/. */
  readonly baseUrl?: string | undefined;
  readonly timeoutMs?: number;
}

/** A message's place: the room's id and the time stamp that is its name there. */
interface Place {
  readonly room: string;
  readonly ts: string;
}

/**
 * A channel that posts to a Slack room: a message for each alert, the rest into its thread. What is over loses its button and
 * says so in the first message. After a doubtful attempt the room is searched for the notice's id (in the message's metadata)
 * before it is posted again.
 */
export function slackChannel(options: SlackOptions): Channel {
  const { name, room, minSeverity = "info", rules } = options;
  const slack = openSlack(options);
  const deliver = async (notice: Notice, signal: AbortSignal, thread: Thread): Promise<Receipt> => {
    const root = placeOf(thread.root);
    const found = thread.again ? await findPosted(slack, notice.id, root ?? { room, ts: "" }, signal) : undefined;
    const message = slackMessage(notice, options.hasButton ?? false);
    const posted = found ?? (await post(slack, { ...message, channel: root?.room ?? room }, root, signal));
    const isOver = ["acknowledge", "close"].includes(stageOf(notice));
    if (root !== undefined && posted.isReply && !thread.folded && isOver) await amend(slack, message, root, signal);
    const place = `${posted.room}:${posted.ts}`;
    return { ...(posted.isReply ? {} : { root: place }), said: place };
  };
  return { name, minSeverity, service: slack.service, ...(rules ? { rules } : {}), deliver };
}

/** A message as it stands in the room. */
interface Posted extends Place {
  readonly isReply: boolean;
}

const lostThread = ["thread_not_found", "message_not_found", "cannot_reply_to_message"];

/** Posts into the thread of `root`, or begins one; also where somebody has deleted the first message. */
async function post(slack: Slack, message: object, root: Place | undefined, signal: AbortSignal): Promise<Posted> {
  try {
    const thread = root === undefined ? {} : { thread_ts: root.ts };
    const { channel, ts } = await slack.post("chat.postMessage", { ...message, ...thread }, signal);
    return { room: String(channel), ts: String(ts), isReply: root !== undefined };
  } catch (error) {
    if (root === undefined || !(error instanceof SlackRefused) || !lostThread.includes(error.code)) throw error;
    return post(slack, message, undefined, signal);
  }
}

/** Shows in the first message what has become of the alert, and takes its button away. */
async function amend(slack: Slack, message: object, root: Place, signal: AbortSignal): Promise<void> {
  try {
    const { metadata: _, reply_broadcast: __, ...rest } = message as Record<string, unknown>;
    await slack.post("chat.update", { ...rest, channel: root.room, ts: root.ts }, signal);
  } catch (error) {
    // The reply says it, too. What may not be edited any more stays as it is.
    const codes = ["message_not_found", "cant_update_message", "edit_window_closed", "update_failed"];
    if (!(error instanceof SlackRefused) || !codes.includes(error.code)) throw error;
  }
}

// A thread is told from its beginning, so that what was said last is on its last page; a room from its end.
const mostPages = 10;

/** The message that carries the notice `id` and was posted before, if it is in its thread, or among the newest of its room. */
async function findPosted(slack: Slack, id: string, at: Place, signal: AbortSignal): Promise<Posted | undefined> {
  const isReply = at.ts !== "";
  const method = isReply ? "conversations.replies" : "conversations.history";
  let page: Readonly<Record<string, string>> = isReply ? { ts: at.ts } : {};
  try {
    for (let pages = 0; pages < mostPages; pages += 1) {
      const query = { channel: at.room, limit: "200", include_all_metadata: "true", ...page };
      const { messages = [], response_metadata: more } = (await slack.get(method, query, signal)) as Answer;
      const found = messages.find(({ metadata }) => metadata?.event_payload?.id === id);
      if (found !== undefined) return { room: at.room, ts: found.ts, isReply };
      if (!isReply || !more?.next_cursor) break;
      page = { ts: at.ts, cursor: more.next_cursor };
    }
  } catch (error) {
    // Without the right to read, twice is better than never.
    if (!(error instanceof SlackRefused)) throw error;
  }
  return undefined;
}

/** What Slack tells of a room or thread. */
interface Answer {
  readonly messages?: readonly {
    readonly ts: string;
    readonly metadata?: { readonly event_payload?: { readonly id?: string } };
  }[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

function placeOf(root: string | null): Place | undefined {
  const [room, ts] = root?.split(":") ?? [];
  return room === undefined || ts === undefined ? undefined : { room, ts };
}
