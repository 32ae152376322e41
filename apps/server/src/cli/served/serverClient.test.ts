import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { serverAt, speechTo } from "./serverClient.ts";

const data = mkdtempSync(join(tmpdir(), "testudo-client-"));
afterEach(() => {
  delete process.env.TESTUDO_TOKEN;
  rmSync(data, { recursive: true, force: true });
});

test("error: FIND-08: a person's token goes nowhere in the clear but to this machine", () => {
  process.env.TESTUDO_TOKEN = "a1".repeat(16);
  const speak = (server: string) => () => speechTo({ data, server }, "ana");
  for (const server of ["http://watch.example:4600", "http://10.0.0.5:4600", "http://localhost.example"]) {
    expect(speak(server)).toThrow("would get a token in the clear");
    expect(() => serverAt(server, data)).toThrow("would get a token in the clear");
  }
  for (const server of ["http://127.0.0.1:4600", "http://[::1]:4600", "https://watch.example"])
    expect(speak(server)).not.toThrow();
  // Who only reads has nothing to lose.
  delete process.env.TESTUDO_TOKEN;
  expect(() => serverAt("http://watch.example:4600", data)).not.toThrow();
});
