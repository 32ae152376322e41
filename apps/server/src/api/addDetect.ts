import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { type JudgeVenn, NotJudged } from "../detect/openVennDesk.ts";
import { TraceFault } from "../detect/TraceFault.ts";
import { vennRequest, vennResponse } from "../detect/vennRequest.ts";
import { answer, refusals } from "./apiSchema.ts";
import { limitBody, limitCrowd, requireJson } from "./guard.ts";
import { operation } from "./operation.ts";
import { refuse } from "./refuse.ts";

const bodyBytes = 16 * 1024 * 1024;
const mostAtOnce = 16;

const route = createRoute({
  ...operation("judgement", "judgeTransaction", "Judge a transaction by its call tree"),
  method: "post",
  path: "/detect",
  request: { body: { required: true, content: { "application/json": { schema: vennRequest } } } },
  responses: {
    200: answer("What the detectors say about the transaction, in the form of Venn's detectors.", vennResponse),
    400: refusals[400],
    413: refusals[413],
    415: refusals[415],
    503: answer(
      "Too many requests are under way, or this one could not be judged.",
      refusals[400].content["application/json"].schema,
    ),
  },
});

/**
 * Adds the judgement of single transactions (INT-03). It needs no token: it keeps nothing, changes nothing and knows nothing
 * of what the server watches. What it costs is bounded by the body's size, the number of calls and of requests at once, and `judge` does
 * it where nothing waits for it.
 */
export function addDetect(app: OpenAPIHono, judge: JudgeVenn): void {
  app.on("POST", "/detect", requireJson(), limitCrowd(mostAtOnce), limitBody(bodyBytes));
  app.openapi(route, async (c) => {
    try {
      return c.json(await judge(c.req.valid("json")), 200);
    } catch (error) {
      if (error instanceof TraceFault) return refuse(c, 400, "trace", error.message);
      if (error instanceof NotJudged) return refuse(c, 503, "judgement", error.message);
      throw error;
    }
  });
}
