import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Hex } from "@testudo/core/model/Hex";
import { z } from "zod";
import { escapeLine } from "../deliver/escapeText.ts";
import { acknowledgeAction } from "../deliver/slackMessage.ts";
import { isFromSlack } from "../deliver/slackSignature.ts";
import { findingNow } from "../store/findingNow.ts";
import type { ApiOptions } from "./Api.ts";
import { idSchema } from "./apiSchema.ts";
import { limitBody } from "./guard.ts";
import { refuse } from "./refuse.ts";

const clickSchema = z.looseObject({
  type: z.literal("block_actions"),
  user: z.looseObject({ id: z.string().max(40), username: z.string().max(200).optional() }),
  actions: z.array(z.looseObject({ action_id: z.string(), value: z.string().optional() })).max(50),
});

/**
 * Adds where Slack sends the clicks on our buttons: POST /slack/interactions. Slack has no token of ours; its signature lets it in,
 * and nothing but an acknowledgement comes of it. Has to be added before what asks POST requests for the token.
 */
export function addSlack(app: OpenAPIHono, options: ApiOptions): void {
  const { slackSecrets = [], now = Date.now } = options;
  if (slackSecrets.length === 0) return;
  app.post("/slack/interactions", limitBody(), async (c) => {
    const body = await c.req.text();
    const [timestamp = "", signature = ""] = [
      c.req.header("x-slack-request-timestamp"),
      c.req.header("x-slack-signature"),
    ];
    if (!isFromSlack(slackSecrets, { timestamp, signature, body }, now() / 1_000))
      return refuse(c, 401, "signature", "The request is not signed by Slack, or is older than five minutes.");
    const click = parseClick(body);
    // Signed, but none of our buttons: other interactions of the same app are none of our business.
    if (click === undefined) return c.json({}, 200);
    const view = await findingNow(options.store, click.finding);
    if (view === undefined || (view.status?.work ?? "open") !== "open") return c.json({}, 200);
    const { finding, actor } = click;
    const { accepted } = await options.submit({ kind: "acknowledge", finding, actor, note: "acknowledged in Slack" });
    // Slack shows the person that it did not work.
    return accepted ? c.json({}, 200) : refuse(c, 503, "refused", "The pipeline did not take it.");
  });
}

function parseClick(body: string): { readonly finding: Hex; readonly actor: string } | undefined {
  const payload = new URLSearchParams(body).get("payload") ?? "";
  const click = clickSchema.safeParse(toJson(payload));
  const action = click.data?.actions.find(({ action_id }) => action_id === acknowledgeAction);
  const finding = idSchema.safeParse(action?.value);
  if (!click.success || !finding.success) return undefined;
  const { id, username = id } = click.data.user;
  return { finding: finding.data as Hex, actor: escapeLine(`${username} (Slack ${id})`, 100) };
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
