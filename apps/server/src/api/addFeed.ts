import type { HttpBindings } from "@hono/node-server";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { readFeedHead } from "../store/readFeed.ts";
import type { ApiOptions, FeedLimits } from "./Api.ts";
import { feedQuery } from "./apiSchema.ts";
import { feedStream } from "./feedStream.ts";
import { operation } from "./operation.ts";
import { refuse } from "./refuse.ts";

const defaults: FeedLimits = {
  heartbeatMs: 15_000,
  bufferEntries: 1_000,
  stallMs: 60_000,
  graceMs: 5_000,
  readers: 64,
};

const route = createRoute({
  ...operation("alerts", "followEvents", "Records and notices as they come"),
  method: "get",
  path: "/events",
  request: { query: feedQuery, headers: z.object({ "last-event-id": z.string().optional() }) },
  responses: {
    200: {
      description:
        "All records and notices from now on, or from after Last-Event-ID (or `after`) on; from now on too where that is beyond the newest.",
      content: { "text/event-stream": { schema: z.string() } },
    },
  },
});

/** Adds the feed of events (server-sent). */
export function addFeed(app: OpenAPIHono, options: ApiOptions): void {
  const limits = { ...defaults, ...options.feed };
  let readers = 0;
  app.openapi(route, async (c) => {
    const given = c.req.header("last-event-id") ?? c.req.valid("query").after?.toString();
    if (given !== undefined && !/^\d{1,15}$/.test(given))
      return refuse(
        c,
        400,
        "last-event-id",
        `Last-Event-ID "${given.slice(0, 100)}" is no event's id.\n- Ids are whole numbers.`,
      );
    if (readers >= limits.readers) return refuse(c, 503, "readers", `${limits.readers} readers are connected already.`);
    readers += 1;
    try {
      const head = await readFeedHead(options.store);
      // An id beyond the newest is of another store: the data folder is new, or came back from a backup. To wait for it would be
      // to say nothing, and to look well, until this store gets there.
      const after = given === undefined ? head : Math.min(Number(given), head);
      const onClose = () => {
        readers -= 1;
      };
      const { outgoing } = c.env as HttpBindings;
      const cutOff = () => void outgoing.destroy();
      const whenGone = (end: () => void) => void (outgoing.destroyed ? end() : outgoing.once("close", end));
      const stream = feedStream({ ...options, limits, onClose, cutOff, whenGone }, after);
      return c.body(stream, 200, { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" });
    } catch (error) {
      readers -= 1;
      throw error;
    }
  });
}
