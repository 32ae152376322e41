import { expect, test } from "vitest";
import { runSearch, SearchLost } from "./runSearch.ts";

test("error: a worker that V8 ended for its memory is a lost one, on a Node that does not ask how much it holds, too", async () => {
  const message = "Worker terminated due to reaching memory limit: JS heap out of memory";
  const fault = `Object.assign(new Error(${JSON.stringify(message)}), { code: "ERR_WORKER_OUT_OF_MEMORY" })`;
  const search = runSearch({
    script: new URL(`data:text/javascript,${encodeURIComponent(`throw ${fault};`)}`),
    task: { seed: 1 } as Parameters<typeof runSearch>[0]["task"],
    bounds: { workers: 1, calls: 1 },
    signal: new AbortController().signal,
    memories: undefined,
    show: () => undefined,
    refuse: () => undefined,
  });
  const error = await search.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SearchLost);
  expect((error as Error).message).toContain("- It took more than 3072 MiB of memory.");
});
