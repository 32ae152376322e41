import { toJsonText } from "./toJsonText.ts";

/** A node could not be asked: no connection, no answer in time, or a server that says it cannot serve (HTTP 429, 5xx). */
export class RpcUnreachable extends Error {
  override readonly name = "RpcUnreachable";
  /** Label of the endpoint. */
  readonly endpoint: string;
  readonly reason: string;
  constructor(endpoint: string, reason: string, cause?: unknown) {
    super(
      [
        `Node ${endpoint} cannot be reached: ${reason}.`,
        "- It must answer JSON-RPC 2.0 over HTTP at this address.",
        "- Check the URL and the key, or name a second node; the request may be repeated.",
      ].join("\n"),
      { cause },
    );
    this.endpoint = endpoint;
    this.reason = reason;
  }
}

/** A node gave no answer in time. It may still be at work on it. */
export class RpcTimedOut extends RpcUnreachable {
  constructor(endpoint: string, timeoutMs: number) {
    super(endpoint, `no answer within ${timeoutMs} ms`);
  }
}

/** A node answered with a JSON-RPC error. `data` carries the return data of a revert. */
export class RpcRefused extends Error {
  override readonly name = "RpcRefused";
  readonly endpoint: string;
  readonly method: string;
  readonly code: number;
  /** The node's own words. */
  readonly said: string;
  readonly data: unknown;
  constructor(endpoint: string, method: string, code: number, said: string, data?: unknown) {
    super(`Node ${endpoint} refused ${method}: ${JSON.stringify(said)} (code ${code}).`);
    this.endpoint = endpoint;
    this.method = method;
    this.code = code;
    this.said = said;
    this.data = data;
  }
}

/** A node answered with something that is not what the method promises. */
export class RpcMalformed extends Error {
  override readonly name = "RpcMalformed";
  readonly method: string;
  readonly field: string;
  /** The value of the field, quoted and cut. */
  readonly found: string;
  readonly expected: string;
  constructor(method: string, field: string, value: unknown, expected: string, endpoint?: string) {
    const found = quote(value);
    super(
      [
        `Answer to ${method}${endpoint === undefined ? "" : ` from ${endpoint}`}: ${field} is ${found}.`,
        `- Expected ${expected}.`,
        "- The node is faulty, or is no node of an EVM chain; use another.",
      ].join("\n"),
    );
    this.method = method;
    this.field = field;
    this.found = found;
    this.expected = expected;
  }
}

function quote(value: unknown): string {
  const text = toJsonText(value);
  if (text === undefined) return "missing";
  return text.length > 120 ? `${text.slice(0, 120)}… (${text.length} characters)` : text;
}
