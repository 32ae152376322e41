import type { FlagReading } from "@testudo/chain/state/readFlag";
import { expect, test } from "vitest";
import { followModes } from "./followModes.ts";
import type { SwitchState } from "./switch.ts";

const own = (mode: SwitchState["mode"]): SwitchState => ({
  mode,
  actor: "Anna",
  reason: "r",
  at: "2026-01-01T00:00:00Z",
});
const on: FlagReading = { state: "on", by: "node", not: ["other"] };
const off: FlagReading = { state: "off" };
const unread: FlagReading = { state: "unread", why: "away" };
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Modes, what was told, and a flag whose next answers are given. */
function open(...answers: FlagReading[]) {
  const told: string[] = [];
  const troubles: string[] = [];
  let looks = 0;
  const read = async () => answers[Math.min(looks++, answers.length - 1)]!;
  const modes = followModes(
    (input) =>
      void (input.kind === "mode"
        ? told.push(`${input.mode} ${input.actor}`)
        : troubles.push(`${input.trouble} ${input.over ?? input.message}`)),
    answers.length > 0 ? read : undefined,
  );
  return { told, troubles, modes, looks: () => looks };
}

test("RESP-07: killed is who is killed by either switch, and each change is told once", async () => {
  const { told, modes } = open(on, on, off, off);
  modes.look();
  await settle();
  // Until the switch on this machine was read there is no mode to tell.
  expect(told).toEqual([]);
  modes.onSwitch(own("armed"));
  for (let i = 0; i < 3; i++) {
    modes.look();
    await settle();
  }
  modes.onSwitch(own("killed"));
  expect(told).toEqual(["killed flag on the chain", "armed Anna", "killed Anna"]);
});

test("RESP-07: a flag that cannot be read changes no mode, neither from on nor from off", async () => {
  const { told, modes } = open(unread, on, unread, off, unread);
  modes.onSwitch(own("armed"));
  for (let i = 0; i < 5; i++) {
    modes.look();
    await settle();
  }
  expect(told).toEqual(["armed Anna", "killed flag on the chain", "armed Anna"]);
});

test("RESP-07: people are told once that the flag is on and who says so, that it cannot be read, and when that is over", async () => {
  const { troubles, modes } = open(on, on, unread, off, off);
  modes.onSwitch(own("armed"));
  for (let i = 0; i < 5; i++) {
    modes.look();
    await settle();
  }
  expect(troubles).toEqual([
    "flag-on Nothing is proposed or sent: the flag on the chain is on, says node; it is not, say other.",
    "recovered flag-on",
    "flag-unread Nothing is sent: the flag on the chain cannot be read. away",
    "recovered flag-unread",
  ]);
});

test("RESP-07: a flag that is on from the start is told with the first block", async () => {
  const troubles: string[] = [];
  let isReady = false;
  const modes = followModes(
    (input) => void (input.kind === "trouble" && troubles.push(input.trouble)),
    async () => on,
    () => isReady,
  );
  modes.look();
  await settle();
  expect(troubles).toEqual([]);
  isReady = true;
  modes.look();
  await settle();
  expect(troubles).toEqual(["flag-on"]);
});

test("behavior: looks do not overlap, and what is asked for meanwhile is one more", async () => {
  const { modes, looks } = open(off);
  modes.onSwitch(own("armed"));
  for (let i = 0; i < 5; i++) modes.look();
  await settle();
  expect(looks()).toBe(2);
});
