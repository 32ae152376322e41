import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type Hex, toLower } from "@testudo/core/model/Hex";
import type { Context } from "hono";
import type { RecoverTypedDataAddressParameters } from "viem";
import { recoverTypedDataAddress } from "viem/utils";
import { findingNow } from "../store/findingNow.ts";
import { type ActionView, listActions } from "../store/listViews.ts";
import type { ApiOptions, HumanInput } from "./Api.ts";
import { acceptedSchema, acknowledgeBody, answer, approvalBody, idSchema, refusals, resolveBody } from "./apiSchema.ts";
import { operation } from "./operation.ts";
import { speakerOf } from "./Person.ts";
import { refuse } from "./refuse.ts";
import { submit } from "./submit.ts";

const post = <P extends string, B extends z.ZodType>(
  called: ReturnType<typeof operation>,
  path: P,
  what: string,
  body: B,
) =>
  createRoute({
    ...called,
    method: "post",
    path,
    security: [{ token: [] }],
    request: {
      params: z.object({ id: idSchema }),
      body: { required: true, content: { "application/json": { schema: body } } },
    },
    responses: { 202: answer(what, acceptedSchema), ...refusals },
  });

const routes = {
  approve: post(
    operation("actions", "approveAction", "Sign as a guardian"),
    "/actions/{id}/approvals",
    "The signature is counted.",
    approvalBody,
  ),
  acknowledge: post(
    operation("alerts", "acknowledgeFinding", "Take a finding upon oneself"),
    "/findings/{id}/acknowledge",
    "The finding is somebody's.",
    acknowledgeBody,
  ),
  resolve: post(
    operation("alerts", "resolveFinding", "Settle a finding"),
    "/findings/{id}/resolve",
    "The finding is settled.",
    resolveBody,
  ),
};

/** Adds what changes something: inputs of people to the pipeline. Token and media type are checked before. */
export function addWrites(app: OpenAPIHono, options: ApiOptions): void {
  app.openapi(routes.approve, async (c) => {
    const id = c.req.valid("param").id as Hex;
    const { signer, signature } = c.req.valid("json");
    const [view] = await listActions(options.store, { ids: [id] });
    if (view === undefined) return refuse(c, 404, "action", `There is no action ${id}.\n- GET /actions lists them.`);
    const state = view.status?.state ?? "proposed";
    // Before its simulation has passed, nobody shall be led to sign; after approval a signature changes nothing.
    if (state !== "simulated")
      return refuse(c, 409, "state", `Action ${id} is ${state}.\n- Only simulated actions take signatures.`);
    if (view.action.type !== "pause")
      return refuse(
        c,
        409,
        "state",
        `Action ${id} is a guard rule.\n- It lies within the policy's bounds; nobody signs it.`,
      );
    const recovered = await recover(options, view, signature as Hex);
    if (recovered !== toLower(signer))
      return refuse(
        c,
        422,
        "signature",
        `The signature is not ${signer}'s; it belongs to ${recovered ?? "nobody"}.\n- Sign the typedData of GET /actions as it is.`,
      );
    // It would be taken and count for nothing, and whoever took the wrong key would believe that he has signed.
    if (options.isGuardian?.(recovered) === false)
      return refuse(
        c,
        422,
        "guardian",
        `${recovered} is none of the policy's guardians.\n- Only their signatures count.\n- Sign with the key of one of them.`,
      );
    return submit(c, options, { kind: "approval", action: id, signer: recovered, signature: toLower(signature) });
  });
  app.openapi(routes.acknowledge, async (c) => {
    const finding = c.req.valid("param").id as Hex;
    const said = c.req.valid("json");
    const speaker = speakerOf(c.req.header("authorization"), options.people ?? [], said.actor, false);
    if ("code" in speaker) return refuse(c, speaker.status, speaker.code, speaker.message);
    return onFinding(c, options, { kind: "acknowledge", finding, ...said, ...speaker });
  });
  app.openapi(routes.resolve, async (c) => {
    const finding = c.req.valid("param").id as Hex;
    const said = c.req.valid("json");
    const speaker = speakerOf(c.req.header("authorization"), options.people ?? [], said.actor, true);
    if ("code" in speaker) return refuse(c, speaker.status, speaker.code, speaker.message);
    // Where people have tokens, one of them was shown.
    const proof = (options.people ?? []).length > 0 ? { isProved: true as const } : {};
    return onFinding(c, options, { kind: "resolve", finding, ...said, ...speaker, ...proof });
  });
}

async function onFinding(
  c: Context,
  options: ApiOptions,
  input: Extract<HumanInput, { kind: "acknowledge" | "resolve" }>,
) {
  const view = await findingNow(options.store, input.finding);
  if (view === undefined)
    return refuse(c, 404, "finding", `There is no finding ${input.finding}.\n- GET /findings lists them.`);
  const work = view.status?.work ?? "open";
  const isDone = work === "resolved" || (input.kind === "acknowledge" && work === "acknowledged");
  if (isDone) return refuse(c, 409, "state", `Finding ${input.finding} is ${work} already.`);
  return submit(c, options, input);
}

/** Who signed, or undefined for bytes that are no signature. */
async function recover(options: ApiOptions, { action }: ActionView, signature: Hex): Promise<Hex | undefined> {
  const message = options.toTypedMessage(action) as unknown as Omit<RecoverTypedDataAddressParameters, "signature">;
  try {
    return toLower(await recoverTypedDataAddress({ ...message, signature } as RecoverTypedDataAddressParameters));
  } catch {
    return undefined;
  }
}
