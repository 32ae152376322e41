// The server listens on loopback only, but a web page in the operator's browser can reach loopback too: directly, and
// under its own name by DNS rebinding. So the name that was asked for and the origin are checked on every request.
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { refuse } from "./refuse.ts";

// A number cannot be rebound; of names only this one is fixed.
const loopbackName = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** Lets requests pass that ask for this machine by a loopback name and do not come from another site's page. */
export function allowLoopback(): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header("host") ?? "";
    if (!loopbackName.test(host)) {
      const message = `Host "${host.slice(0, 100)}" is not served.\n- Allowed: localhost, 127.0.0.1, [::1].`;
      return refuse(c, 403, "host", message);
    }
    const origin = c.req.header("origin");
    const isOwn = origin === undefined || origin.toLowerCase() === `http://${host.toLowerCase()}`;
    if (!isOwn || c.req.header("sec-fetch-site") === "cross-site")
      return refuse(c, 403, "origin", "Requests from the pages of other sites are refused.");
    return next();
  };
}

/** Whether `header` is `Bearer <token>`. */
export function carries(header: string | undefined, token: string): boolean {
  // Digests have one length, so that the comparison tells nothing about the token's.
  return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}

/** Lets requests pass that carry `Authorization: Bearer` and one of `tokens`; `whose` says to the others whose these are. */
export function requireToken(tokens: readonly string[], whose = "the server's token"): MiddlewareHandler {
  return async (c, next) => {
    if (tokens.some((token) => carries(c.req.header("authorization"), token))) return next();
    c.header("www-authenticate", "Bearer");
    return refuse(
      c,
      401,
      "token",
      `This needs ${whose}.\n- The server's stands in server.json of the data folder.\n- Send it as Authorization: Bearer TOKEN.`,
    );
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Lets JSON pass. A browser cannot send it across sites without asking first. */
export function requireJson(): MiddlewareHandler {
  return async (c, next) => {
    const type = c.req.header("content-type") ?? "";
    if (/^application\/json\s*(;|$)/i.test(type)) return next();
    return refuse(
      c,
      415,
      "content-type",
      `Content type "${type.slice(0, 100)}" is not taken.\n- Allowed: application/json.`,
    );
  };
}

export const bodyLimitBytes = 65_536;

/** Lets bodies of up to `bytes` pass, 64 KiB unless told otherwise. */
export function limitBody(bytes = bodyLimitBytes): MiddlewareHandler {
  return bodyLimit({
    maxSize: bytes,
    onError: (c) => refuse(c, 413, "body", `The body is larger than ${bytes} bytes.`),
  });
}

/** Lets `most` requests be under way at a time; more are told to come back. */
export function limitCrowd(most: number): MiddlewareHandler {
  let under = 0;
  return async (c, next) => {
    if (under >= most) {
      c.header("retry-after", "1");
      return refuse(c, 503, "busy", `${most} requests are under way.\n- Ask again in a second.`);
    }
    under += 1;
    try {
      return await next();
    } finally {
      under -= 1;
    }
  };
}
