import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";

/** The body of every answer that is no success. */
export const refusalSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** An answer that says what is wrong: `code` for programs, `message` for people. */
export function refuse<S extends ContentfulStatusCode>(c: Context, status: S, code: string, message: string) {
  return c.json({ error: { code, message } }, status);
}
