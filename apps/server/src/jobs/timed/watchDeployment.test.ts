import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { expect, test } from "vitest";
import { watchDeployment } from "./watchDeployment.ts";

type Look = Awaited<ReturnType<Parameters<typeof watchDeployment>[0]["check"]>>;

const clean: Look = { rows: [], drift: 0, blockNumber: 1 };

function drifted(found: string, blockNumber = 1): Look {
  const row = {
    module: "timelock",
    field: "delay",
    expected: "86400",
    found,
    isAsExpected: false,
    verdict: "drift",
  } as const;
  return { rows: [row], drift: 1, blockNumber };
}

/** What is told while the looks of `script` are made one after the other. */
async function toldBy(script: readonly (Look | Error)[]): Promise<readonly string[]> {
  const stop = new AbortController();
  const told: StreamTrouble[] = [];
  const looks = [...script];
  await watchDeployment({
    check: async () => {
      const look = looks.shift();
      if (look === undefined) stop.abort();
      if (look instanceof Error) throw look;
      return look ?? clean;
    },
    everyMs: 1,
    tell: (trouble) => told.push(trouble),
    isReady: () => true,
    signal: stop.signal,
  });
  return told.map(({ trouble, message }) => `${trouble}: ${message}`);
}

test("behavior: a deployment that is as its file says is not told", async () => {
  expect(await toldBy([clean, clean])).toEqual([]);
});

test("behavior: a drift is told once with what differs, another one anew, and its end", async () => {
  expect(await toldBy([clean, drifted("1"), drifted("1", 2), drifted("2"), clean])).toEqual([
    "deployment-drift: The deployment has drifted from its file in 1 value: timelock: delay: expected 86400, found 1.",
    "deployment-drift: The deployment has drifted from its file in 1 value: timelock: delay: expected 86400, found 2.",
    "recovered: The deployment is as its file says again.",
  ]);
});

test("behavior: a look that cannot be made is told: silence would read as order", async () => {
  expect(await toldBy([new Error("Node x cannot be reached.\n- more"), clean])).toEqual([
    "deployment-unread: The deployment could not be compared with its file: Node x cannot be reached.",
    "recovered: The deployment is as its file says again.",
  ]);
});

test("behavior: nothing is told before a block was judged, as nothing could be raised", async () => {
  const stop = new AbortController();
  let looks = 0;
  const watching = watchDeployment({
    check: async () => {
      looks++;
      return clean;
    },
    everyMs: 1,
    tell: () => {},
    isReady: () => false,
    signal: stop.signal,
  });
  await new Promise((resolve) => setTimeout(resolve, 250));
  stop.abort();
  await watching;
  expect(looks).toBe(0);
});
