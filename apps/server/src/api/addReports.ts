import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Hex } from "@testudo/core/model/Hex";
import { reportBody, sealedLimit, toReportDraft } from "../report/reportSchema.ts";
import { getReport, listReports } from "../store/listReports.ts";
import type { ApiOptions } from "./Api.ts";
import { answer, idSchema, pageQuery, refusals, toJson } from "./apiSchema.ts";
import { limitBody, limitCrowd, requireJson, requireToken } from "./guard.ts";
import { operation } from "./operation.ts";
import { reportSchema } from "./recordSchemas.ts";
import { refusalSchema, refuse } from "./refuse.ts";

const takenSchema = z.object({ accepted: z.literal(true), report: idSchema, known: z.boolean() });
const listSchema = z.object({
  reports: z.array(z.object({ seq: z.number(), isSealed: z.boolean(), report: reportSchema.omit({ sealed: true }) })),
});

const routes = {
  post: createRoute({
    ...operation("reports", "bringReport", "Bring a report"),
    method: "post",
    path: "/reports",
    description:
      "A way to do harm that has not been gone, as our own adversary found it. The same report twice is one.",
    security: [{ token: [] }],
    request: { body: { required: true, content: { "application/json": { schema: reportBody } } } },
    responses: {
      202: answer("The report is in the records, since now or before: `report` is its record's id.", takenSchema),
      ...refusals,
      503: answer("Not now; bring it again.", refusalSchema),
    },
  }),
  list: createRoute({
    ...operation("reports", "listReports", "Reports, without what is sealed"),
    method: "get",
    path: "/reports",
    request: { query: pageQuery },
    responses: { 200: answer("Reports, newest first, without what they hold sealed.", listSchema) },
  }),
  read: createRoute({
    ...operation("reports", "readReport", "One report, whole"),
    method: "get",
    path: "/reports/{id}",
    request: { params: z.object({ id: idSchema }) },
    responses: { 200: answer("The report's record.", reportSchema), 400: refusals[400], 404: refusals[404] },
  }),
};

const bodyBytes = sealedLimit + 16_384;
const crowd = 4;

/** Adds the way in for reports of our own adversary, and what they say. Who brings one needs the server's token. */
export function addReports(app: OpenAPIHono, { store, token, takeReport }: ApiOptions): void {
  app.on("POST", "/reports", requireToken([token]), requireJson(), limitCrowd(crowd), limitBody(bodyBytes));
  app.openapi(routes.post, async (c) => {
    if (takeReport === undefined) return refuse(c, 409, "state", "Nothing is watched here.");
    const taken = await takeReport(toReportDraft(c.req.valid("json")));
    if (taken.state === "refused") return refuse(c, 409, "refused", taken.reason);
    if (taken.state === "early") return refuse(c, 503, "early", taken.reason);
    return c.json({ accepted: true as const, report: taken.report, known: taken.state === "known" }, 202);
  });
  app.openapi(routes.list, async (c) => {
    const { limit, before } = c.req.valid("query");
    const found = await listReports(store, { limit, ...(before === undefined ? {} : { beforeSeq: before }) });
    const reports = found.map(({ seq, report: { sealed, ...report } }) => ({
      seq,
      report,
      isSealed: sealed !== undefined,
    }));
    return c.json(toJson(listSchema, { reports }), 200);
  });
  app.openapi(routes.read, async (c) => {
    const { id } = c.req.valid("param");
    const report = await getReport(store, id as Hex);
    if (report === undefined) return refuse(c, 404, "report", `There is no report ${id}.\n- GET /reports lists them.`);
    return c.json(toJson(reportSchema, report), 200);
  });
}
