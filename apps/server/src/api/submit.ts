import type { Context } from "hono";
import type { ApiOptions, HumanInput } from "./Api.ts";
import { refuse } from "./refuse.ts";

/** Gives what a person said to the pipeline and answers whether it was taken. */
export async function submit(c: Context, options: ApiOptions, input: HumanInput) {
  const { accepted, reason } = await options.submit(input);
  if (!accepted) return refuse(c, 409, "refused", reason ?? "The pipeline did not take it.");
  return c.json({ accepted: true as const }, 202);
}
