import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ApiOptions } from "./Api.ts";
import { operation } from "./operation.ts";

const route = createRoute({
  ...operation("server", "readMetrics", "Metrics for Prometheus"),
  method: "get",
  path: "/metrics",
  responses: {
    200: {
      description: "Metrics in the text format of Prometheus.",
      content: { "text/plain": { schema: z.string() } },
    },
  },
});

/** Adds what Prometheus reads, where there is something to read. Labels hold no secret, so that it asks for no token. */
export function addMetrics(app: OpenAPIHono, { metrics }: ApiOptions): void {
  if (metrics === undefined) return;
  app.openapi(route, async (c) => {
    const { contentType, text } = await metrics();
    return c.body(text, 200, { "content-type": contentType }) as never;
  });
}
