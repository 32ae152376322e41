import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { watchConfigFile } from "./noteConfiguration.ts";

const folder = mkdtempSync(join(tmpdir(), "testudo-config-"));
const stop = new AbortController();
afterEach(() => {
  stop.abort();
  rmSync(folder, { recursive: true, force: true });
});

test("SELF-01: a configuration that is edited or removed while the watch runs is told each time, and a mere save is not", async () => {
  const file = join(folder, "testudo.config.ts");
  writeFileSync(file, "a");
  const told: string[] = [];
  const done = watchConfigFile({
    file,
    tell: ({ message }) => void told.push(message),
    everyMs: 10,
    signal: stop.signal,
  });
  const tell = (what: string) =>
    `"${file}" ${what} while the watch runs. What is in force is what was read at the start, until the next one.`;
  await new Promise((resolve) => setTimeout(resolve, 100));
  writeFileSync(file, "a");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(told).toEqual([]);
  writeFileSync(file, "b");
  await expect.poll(() => told).toEqual([tell("was changed")]);
  rmSync(file);
  await expect.poll(() => told).toEqual([tell("was changed"), tell("was removed")]);
  stop.abort();
  await done;
});
