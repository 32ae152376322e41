import { OpenAPIHono } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { answerVenn } from "../detect/answerVenn.ts";
import type { ApiOptions } from "./Api.ts";
import { addChannels } from "./addChannels.ts";
import { addDetect } from "./addDetect.ts";
import { addFalseAlarms } from "./addFalseAlarms.ts";
import { addFeed } from "./addFeed.ts";
import { addMetrics } from "./addMetrics.ts";
import { addPending } from "./addPending.ts";
import { addReads } from "./addReads.ts";
import { addReload } from "./addReload.ts";
import { addReports } from "./addReports.ts";
import { addSlack } from "./addSlack.ts";
import { addWrites } from "./addWrites.ts";
import { allowLoopback, limitBody, requireJson } from "./guard.ts";
import { tags } from "./operation.ts";
import { requireSpeaker } from "./Person.ts";
import { refuse } from "./refuse.ts";

const about = [
  "Listens on this machine alone. Reading needs no token, but for /pending; what changes something needs `Authorization: Bearer` and",
  "the server's token, or a person's own. Amounts and block numbers are decimal strings. An answer that is no success has",
  "`error.code` for programs and `error.message` for people.",
].join("\n");

/** The HTTP interface as an application without a port; `GET /openapi.json` describes it. */
export function createApi(options: ApiOptions): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const lines = result.error.issues.map((issue) => `- ${issue.path.join(".") || "body"}: ${issue.message}`);
      return refuse(c, 400, "request", `The request is malformed.\n${lines.join("\n")}`);
    },
  });
  app.use(allowLoopback());
  app.use(async (c, next) => {
    await next();
    c.header("x-content-type-options", "nosniff");
    c.header("cross-origin-resource-policy", "same-origin");
  });
  // Before the guards of what changes something: this changes and tells nothing of the server's.
  addDetect(app, options.judgeVenn ?? answerVenn);
  addSlack(app, options);
  // Has a token of its own beside the server's, and takes more than others do.
  addPending(app, options);
  // Takes more than others do.
  addReports(app, options);
  app.on("POST", "*", requireSpeaker(options.token, options.people ?? []), requireJson(), limitBody());
  addReads(app, options);
  addChannels(app, options);
  addFeed(app, options);
  addWrites(app, options);
  addFalseAlarms(app, options);
  addReload(app, options);
  addMetrics(app, options);
  app.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Testudo", version: "1", description: about },
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  });
  app.notFound((c) =>
    refuse(
      c,
      404,
      "path",
      `There is nothing at ${c.req.method} ${c.req.path.slice(0, 100)}.\n- GET /openapi.json lists what there is.`,
    ),
  );
  app.onError((error, c) => {
    if (error instanceof HTTPException)
      return refuse(c, error.status as 400, "request", error.message || "The request is malformed.");
    options.onError?.(error);
    return refuse(c, 500, "internal", "Something failed in the server; its log says what.");
  });
  return app;
}
