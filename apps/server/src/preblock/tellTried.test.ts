import { expect, test } from "vitest";
import { tellTried } from "./tellTried.ts";

test("LAB-36: what a probe tried is told in a line: templates, guided calls, coverage, state that is missing, functions and budget", () => {
  const guided = {
    calls: 5_000,
    gas: 1,
    blocks: { ran: 40, all: 60 },
    reached: [],
    waiting: 3,
    missing: 1,
    fetches: 2,
    unended: 0,
    isFull: false,
  };
  const tried = {
    outcome: "budget",
    calls: 90,
    isTried: false,
    functions: ["0x01020304", "0x05060708"],
    reached: ["0x01020304"],
    ms: 1_990,
    limits: { calls: 256, guided: 9, ms: 2_000 },
  } as const;
  expect(tellTried({ ...tried, guided })).toBe(
    "90 calls of templates, not all of them; 5000 guided calls (40 of 60 blocks run, 3 wait for state, 1 never had it); 1 of 2 functions reached; 1990 of 2000 ms",
  );
  expect(tellTried({ ...tried, guided: { ...guided, missing: 0, unended: 2 } })).toContain(
    "(40 of 60 blocks run, 3 wait for state, 2 want more gas)",
  );
  const full = { ...guided, waiting: 0, missing: 0, isFull: true };
  expect(tellTried({ ...tried, guided: full })).toContain(
    "(40 of 60 blocks run, more was suspected than is looked at)",
  );
  expect(tellTried({ ...tried, isTried: true })).toBe(
    "90 calls of templates; 1 of 2 functions reached; 1990 of 2000 ms",
  );
});
