import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { isSameName, needsNoReview, whyNotReviewed } from "@testudo/core/model/FalseAlarm";
import type { Hex } from "@testudo/core/model/Hex";
import { verdicts } from "@testudo/core/model/Review";
import { alarmsAmong } from "../store/listFalseAlarms.ts";
import { listFindings } from "../store/listViews.ts";
import { listWeighed } from "../store/listWeighed.ts";
import type { ApiOptions } from "./Api.ts";
import {
  acceptedSchema,
  alarmStates,
  answer,
  falseAlarmsSchema,
  idSchema,
  noteSchema,
  refusals,
  speakerSchema,
  stateQuery,
  toJson,
} from "./apiSchema.ts";
import { filterOf } from "./filterOf.ts";
import { operation } from "./operation.ts";
import { speakerOf } from "./Person.ts";
import { refuse } from "./refuse.ts";
import { submit } from "./submit.ts";

const routes = {
  list: createRoute({
    ...operation("alerts", "listFalseAlarms", "Findings that people marked as no attack"),
    method: "get",
    path: "/false-alarms",
    request: { query: stateQuery(alarmStates) },
    responses: {
      200: answer("False alarms with what accepting them could hide, newest finding first.", falseAlarmsSchema),
    },
  }),
  review: createRoute({
    ...operation("alerts", "reviewFalseAlarm", "Accept or refuse such a mark, as a second person"),
    method: "post",
    path: "/findings/{id}/review",
    security: [{ token: [] }],
    request: {
      params: z.object({ id: idSchema }),
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z.strictObject({ actor: speakerSchema, note: noteSchema, verdict: z.enum(verdicts) }),
          },
        },
      },
    },
    responses: { 202: answer("The review is recorded.", acceptedSchema), ...refusals },
  }),
};

const reasons = {
  "no-name": "Nobody is named.\n- Say who reviews.",
  "same-person": "Who marked a finding as a false alarm may not accept that.\n- Somebody else has to.",
  "accepted-already": "It was accepted already.\n- It can still be refused.",
  "refused-already": "It was refused already, for good.\n- The next finding of its kind can be marked again.",
} as const;

const unprovedMark = (marker: string) =>
  `"${marker}", who marked it, showed no token of a person that is one here.\n- Refuse it; the next finding of its kind can be marked by somebody who has one.`;

const needless = (finding: Hex) =>
  `Finding ${finding} needs no review.\n- Only marks of anomalies in a block are taken into a calibration.`;

/** Adds what a second person needs to review false alarms (FIND-08). Token and media type are checked before. */
export function addFalseAlarms(app: OpenAPIHono, options: ApiOptions): void {
  const { store } = options;
  app.openapi(routes.list, async (c) => {
    const falseAlarms = await listWeighed(store, filterOf(c.req.valid("query")));
    return c.json(toJson(falseAlarmsSchema, { falseAlarms }), 200);
  });
  app.openapi(routes.review, async (c) => {
    const finding = c.req.valid("param").id as Hex;
    const given = c.req.valid("json");
    const speaker = speakerOf(c.req.header("authorization"), options.people ?? [], given.actor, true);
    if ("code" in speaker) return refuse(c, speaker.status, speaker.code, speaker.message);
    const said = { ...given, ...speaker };
    const views = await listFindings(store, { ids: [finding] });
    const [marked] = views;
    if (marked !== undefined && needsNoReview(marked.finding, marked.status?.resolution))
      return refuse(c, 404, "false-alarm", needless(finding));
    const [view] = await alarmsAmong(store, views);
    if (view === undefined) {
      const what = views.length === 0 ? `There is no finding ${finding}.` : `Finding ${finding} is no false alarm.`;
      return refuse(c, 404, "false-alarm", `${what}\n- GET /false-alarms lists them.`);
    }
    const { actor: marker, review } = view.alarm;
    const fault = whyNotReviewed({ actor: marker, verdict: review?.verdict }, said);
    if (fault !== undefined) return refuse(c, 409, fault, reasons[fault]);
    // Marked under a name that nothing proves, as before people had tokens, it may be by whoever accepts it.
    const { people = [] } = options;
    const isProved = view.isProved && people.some(({ name }) => isSameName(name, marker));
    if (said.verdict === "accepted" && people.length > 0 && !isProved)
      return refuse(c, 409, "marker", unprovedMark(marker));
    return submit(c, options, { kind: "review", finding, ...said });
  });
}
