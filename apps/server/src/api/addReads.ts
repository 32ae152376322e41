import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { actionStates } from "@testudo/core/model/ActionStatus";
import { workStatuses } from "@testudo/core/model/FindingStatus";
import { incidentStates } from "@testudo/core/model/Incident";
import { deadLetterOf } from "../store/DeadLetter.ts";
import { listActions, listFindings, listIncidents } from "../store/listViews.ts";
import { readHead } from "../store/loadState.ts";
import { countOutbox, listDead } from "../store/outbox.ts";
import type { ApiOptions, ApiStatus } from "./Api.ts";
import {
  actionsSchema,
  answer,
  findingsSchema,
  headSchema,
  healthSchema,
  incidentsSchema,
  stateQuery,
  statusSchema,
  toJson,
} from "./apiSchema.ts";
import { filterOf } from "./filterOf.ts";
import { intentOf } from "./intentOf.ts";
import { operation } from "./operation.ts";

const list = <P extends string, S extends typeof incidentsSchema | typeof findingsSchema | typeof actionsSchema>(
  called: ReturnType<typeof operation>,
  path: P,
  what: string,
  states: readonly string[],
  schema: S,
) =>
  createRoute({
    ...called,
    method: "get",
    path,
    request: { query: stateQuery(states) },
    responses: { 200: answer(what, schema) },
  });

const routes = {
  incidents: list(
    operation("alerts", "listIncidents", "Findings that belong together"),
    "/incidents",
    "Incidents as they stand, the one that changed last first.",
    incidentStates,
    incidentsSchema,
  ),
  findings: list(
    operation("alerts", "listFindings", "What detectors found"),
    "/findings",
    "Findings with their present status, newest first.",
    workStatuses,
    findingsSchema,
  ),
  actions: list(
    operation("actions", "listActions", "What is proposed or done on chain"),
    "/actions",
    "Actions with what a guardian needs to judge them, newest first.",
    actionStates,
    actionsSchema,
  ),
  head: createRoute({
    ...operation("server", "readEvidenceHead", "How far the chain of evidence reaches"),
    method: "get",
    path: "/evidence/head",
    responses: { 200: answer("The last link of the chain of evidence.", headSchema) },
  }),
  status: createRoute({
    ...operation("server", "readStatus", "How the server and all that it watches are"),
    method: "get",
    path: "/status",
    responses: { 200: answer("How the server is.", statusSchema) },
  }),
  healthz: createRoute({
    ...operation("server", "readHealth", "Whether the server is well, for a supervisor"),
    method: "get",
    path: "/healthz",
    responses: { 200: answer("Well.", healthSchema), 503: answer("Ill, and why.", healthSchema) },
  }),
  readyz: createRoute({
    ...operation("server", "readReadiness", "Whether it watches, for a balancer"),
    method: "get",
    path: "/readyz",
    responses: { 200: answer("Watching.", healthSchema), 503: answer("Not yet, and why.", healthSchema) },
  }),
};

/** Adds what anyone on this machine may read. */
export function addReads(app: OpenAPIHono, options: ApiOptions): void {
  const { store } = options;
  app.openapi(routes.incidents, async (c) =>
    c.json(toJson(incidentsSchema, { incidents: await listIncidents(store, filterOf(c.req.valid("query"))) }), 200),
  );
  app.openapi(routes.findings, async (c) => {
    const found = await listFindings(store, filterOf(c.req.valid("query")));
    return c.json(
      toJson(findingsSchema, { findings: found.map((view) => ({ ...view, status: view.status ?? null })) }),
      200,
    );
  });
  app.openapi(routes.actions, async (c) => {
    const found = await listActions(store, filterOf(c.req.valid("query")));
    const actions = found.map((view) => ({
      ...view,
      status: view.status ?? null,
      simulation: view.simulation ?? null,
      intent: intentOf(view, options.nameOf),
      typedData: options.toTypedMessage(view.action),
    }));
    return c.json(toJson(actionsSchema, { actions }), 200);
  });
  app.openapi(routes.head, async (c) => c.json(toJson(headSchema, await readHead(store)), 200));
  addHealth(app, options);
}

function addHealth(app: OpenAPIHono, options: ApiOptions): void {
  app.openapi(routes.status, async (c) =>
    c.json(toJson(statusSchema, { ...(await statusOf(options)), ...(await outboxOf(options)) }), 200),
  );
  app.openapi(routes.healthz, async (c) => {
    const { healthy, reasons } = await statusOf(options);
    return c.json({ ok: healthy, reasons: [...reasons] }, healthy ? 200 : 503);
  });
  app.openapi(routes.readyz, async (c) => {
    const { ready, reasons } = await statusOf(options);
    return c.json({ ok: ready, reasons: [...reasons] }, ready ? 200 : 503);
  });
}

/** A status that cannot be told is an ill one. */
async function statusOf(options: ApiOptions): Promise<ApiStatus> {
  try {
    return await options.status();
  } catch (error) {
    options.onError?.(error);
    return {
      healthy: false,
      ready: false,
      reasons: [`status cannot be told: ${error instanceof Error ? error.message : String(error)}`],
    };
  }
}

async function outboxOf({ store }: ApiOptions) {
  const deadLetters = (await listDead(store, 10)).map(deadLetterOf);
  return { outbox: await countOutbox(store), deadLetters };
}
