import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { listChannels } from "../store/channelViews.ts";
import { requeueDead } from "../store/outbox.ts";
import type { ApiOptions } from "./Api.ts";
import { answer, refusals } from "./apiSchema.ts";
import { operation } from "./operation.ts";
import { refuse } from "./refuse.ts";

const channelsSchema = z.object({
  channels: z.array(
    z.looseObject({
      name: z.string(),
      receipt: z.object({ at: z.number(), notice: z.string(), said: z.string() }).nullable(),
      nextTestAt: z.number(),
      isStale: z.boolean(),
      pending: z.number(),
      dead: z.number(),
      lastError: z.string().nullable(),
      deadLetters: z.array(
        z.looseObject({
          notice: z.string(),
          title: z.string(),
          error: z.string().nullable(),
          diedAt: z.number().nullable(),
        }),
      ),
    }),
  ),
});
const request = {
  params: z.object({ name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) }),
  body: { required: true, content: { "application/json": { schema: z.strictObject({}) } } },
};
const write = <P extends string, S extends z.ZodType>(
  called: ReturnType<typeof operation>,
  path: P,
  what: string,
  schema: S,
) =>
  createRoute({
    ...called,
    method: "post",
    path,
    security: [{ token: [] }],
    request,
    responses: { 202: answer(what, schema), ...refusals },
  });

const routes = {
  list: createRoute({
    ...operation("channels", "listChannels", "How the channels are"),
    method: "get",
    path: "/channels",
    responses: { 200: answer("Channels, with the receipts of their tests.", channelsSchema) },
  }),
  test: write(
    operation("channels", "testChannel", "Send a test through a channel"),
    "/channels/{name}/test",
    "A test is on its way.",
    z.object({ notice: z.string() }),
  ),
  requeue: write(
    operation("channels", "requeueDeadLetters", "Try again what was given up"),
    "/channels/{name}/requeue",
    "Dead letters wait again.",
    z.object({ requeued: z.number() }),
  ),
};

/** Adds the channels: how they are, a test of one, and another try of what was given up. */
export function addChannels(app: OpenAPIHono, options: ApiOptions): void {
  const { store } = options;
  const isThere = async (name: string) => (await listChannels(store)).some((channel) => channel.name === name);
  const missing = (name: string) => `There is no channel "${name}".\n- GET /channels lists them.`;
  app.openapi(routes.list, async (c) => c.json({ channels: await listChannels(store) }, 200));
  app.openapi(routes.test, async (c) => {
    const { name } = c.req.valid("param");
    if (options.testChannel === undefined || !(await isThere(name))) return refuse(c, 404, "channel", missing(name));
    return c.json({ notice: await options.testChannel(name) }, 202);
  });
  app.openapi(routes.requeue, async (c) => {
    const { name } = c.req.valid("param");
    if (!(await isThere(name))) return refuse(c, 404, "channel", missing(name));
    const requeued = await requeueDead(store, name);
    options.onRequeued?.();
    return c.json({ requeued }, 202);
  });
}
