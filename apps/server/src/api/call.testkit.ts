import { request } from "node:http";

/** An answer with its body as text, and as JSON where it is some. */
export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at foreign JSON
  readonly json: any;
}

/** Sends a request as it is given, forbidden headers such as Host included, which `fetch` would not let through. */
export function call(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {}, body } = options;
    const sent = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: answer.statusCode!, headers: answer.headers, text, json: parse(text) });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A reader of server-sent events that parses what it gets into blocks. */
export interface EventReader {
  readonly blocks: string[];
  readonly status: number;
  /** Resolves when the server ended the stream. */
  readonly ended: Promise<void>;
  pause(): void;
  resume(): void;
  close(): void;
}

export function readEvents(port: number, path = "/events", headers: Record<string, string> = {}): Promise<EventReader> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, headers, agent: false }, (answer) => {
      const blocks: string[] = [];
      // Joined only when a block is complete: events may be large.
      let rest: string[] = [];
      answer.setEncoding("utf8").on("data", (text: string) => {
        rest.push(text);
        if (!text.includes("\n")) return;
        const parts = rest.join("").split("\n\n");
        rest = [parts.pop()!];
        blocks.push(...parts);
      });
      const ended = new Promise<void>((done) => answer.once("close", () => done()));
      answer.on("error", () => {});
      resolve({
        blocks,
        status: answer.statusCode!,
        ended,
        pause: () => void answer.pause(),
        resume: () => void answer.resume(),
        close: () => void sent.destroy(),
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}
