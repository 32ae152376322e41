import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ApiOptions } from "./Api.ts";
import { actorSchema, answer, refusals } from "./apiSchema.ts";
import { operation } from "./operation.ts";
import { refuse } from "./refuse.ts";

const reloadedSchema = z.object({
  state: z.enum(["applied", "unchanged"]),
  changes: z.string().optional(),
  detectors: z.array(z.string()).optional(),
});

const route = createRoute({
  ...operation("server", "reloadConfiguration", "Read configuration and rules again"),
  method: "post",
  path: "/reload",
  security: [{ token: [] }],
  request: {
    body: { required: true, content: { "application/json": { schema: z.strictObject({ actor: actorSchema }) } } },
  },
  responses: { 200: answer("The files were read again.", reloadedSchema), ...refusals },
});

/** Adds the order to read configuration and rules again (DET-06). Answers when what they say is stored. */
export function addReload(app: OpenAPIHono, { reload }: ApiOptions): void {
  app.openapi(route, async (c) => {
    if (reload === undefined) {
      const what = "This watch has no configuration that could be read again.";
      return refuse(c, 409, "reload", `${what}\n- Detectors come from --protect alone.\n- Start it with --config.`);
    }
    const reloaded = await reload(c.req.valid("json").actor);
    if (reloaded.state === "refused") return refuse(c, 409, "reload", reloaded.reason);
    if (reloaded.state === "unchanged") return c.json({ state: reloaded.state }, 200);
    return c.json({ ...reloaded, detectors: [...reloaded.detectors] }, 200);
  });
}
