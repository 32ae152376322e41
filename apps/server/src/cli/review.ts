import { type FalseAlarm, whyNotReviewed } from "@testudo/core/model/FalseAlarm";
import type { Verdict } from "@testudo/core/model/Review";
import type { Command } from "commander";
import { UsageError } from "../config/UsageError.ts";
import { printable } from "../deliver/printable.ts";
import type { ViewFilter } from "../store/listViews.ts";
import type { WeighedAlarm } from "../store/listWeighed.ts";
import { optionsOf } from "./flags/dataFolder.ts";
import { findUncalibrated, type Uncalibrated } from "./served/findUncalibrated.ts";
import { lookBack, pageSize } from "./served/lookBack.ts";
import { meansId } from "./served/meansId.ts";
import { withStore } from "./served/openExisting.ts";
import { type ServerClient, type SpeechFlags, speechTo } from "./served/serverClient.ts";
import { stepInStore } from "./served/stepInStore.ts";
import { actorName } from "./terminal/actorName.ts";
import { printLine, printNote } from "./terminal/printLine.ts";

/** `testudo review`: what one person marked as a false alarm, another accepts or refuses (FIND-08). */
export function registerReview(program: Command): void {
  const review = program
    .command("review")
    .description("list the false alarms that wait for a second person, and what accepting them could hide")
    .option("--all", "those that were reviewed as well")
    .option("--server <url>", "a running watch; default: that of the data folder")
    .option("--json", "print one JSON object and nothing else on standard output")
    .action(async (_, command: Command) => {
      const flags = await optionsOf<{ all?: boolean; json?: boolean; server?: string }>(command);
      const { data, all, json } = flags;
      const server = speechTo(flags, actorName())?.server;
      const found = await listed(data, server, { states: all ? [] : ["waiting"] });
      if (json) return printLine(JSON.stringify({ falseAlarms: found }));
      for (const line of found.flatMap(linesOf)) printLine(printable(line));
      const uncalibrated = await findUncalibrated(data, server);
      if (found.length === 0 && !all) printNote("No false alarm waits.");
      if (found.length === 0 && all && uncalibrated === undefined) printNote("No finding was marked as a false alarm.");
      if (uncalibrated !== undefined)
        printNote(
          "Marks of damage, of a broken invariant or of what was predicted need no review, and are not listed: no calibration takes them in.",
        );
    });
  const say = (name: string, verdict: Verdict, description: string) =>
    review
      .command(name)
      .description(description)
      .argument("<id>", "a finding, or the first 8 or more digits of its id")
      .requiredOption("--reason <text>", "why, for the record and the calibration")
      .option(
        "--server <url>",
        "a running watch; default: that of the data folder. TESTUDO_TOKEN may be your own token",
      )
      .option("--as <name>", "who says it, with the server's own token; default: this account")
      .action(async (id: string, _, command: Command) => {
        const flags = await optionsOf<{ reason: string; server?: string; as?: string }>(command);
        const { alarm } = await give(flags, { id, verdict, note: flags.reason });
        printLine(printable(`${verdict === "accepted" ? "Accepted" : "Refused"} ${headOf(alarm)}`));
        if (verdict === "accepted") printNote("Nothing changes yet: the next `testudo calibrate` takes it in.");
      });
  say("accept", "accepted", "say that it was no attack; by another person than who marked it");
  say("refuse", "refused", "say that it is no false alarm, for good; of what was accepted as well");
}

// The bigints of a finding are not needed here, so that JSON of a server and records of a store are the same.
type Listed = Pick<WeighedAlarm, "seq" | "state" | "wouldHide" | "wouldHideAll"> & {
  readonly alarm: Omit<FalseAlarm, "finding"> & { readonly finding: Known };
};
type Known = Pick<FalseAlarm["finding"], "id" | "detector" | "subject" | "score" | "reason" | "chainId">;

interface Order {
  readonly id: string;
  readonly verdict: Verdict;
  readonly note: string;
}

async function listed(
  data: string,
  server: ServerClient | undefined,
  { states = [], beforeSeq }: Pick<ViewFilter, "states" | "beforeSeq">,
): Promise<readonly Listed[]> {
  if (server !== undefined) {
    const query = states.length === 0 ? "" : `&state=${states.join(",")}`;
    const before = beforeSeq === undefined ? "" : `&before=${beforeSeq}`;
    const path = `/false-alarms?limit=${pageSize}${query}${before}`;
    return ((await server.get(path)) as { falseAlarms: Listed[] }).falseAlarms;
  }
  const { listWeighed } = await import("../store/listWeighed.ts");
  const { toPlainJson } = await import("@testudo/core/model/plainJson");
  const filter = {
    ...{ limit: pageSize, ...(states.length === 0 ? {} : { states }) },
    ...(beforeSeq === undefined ? {} : { beforeSeq }),
  };
  const found = await withStore(data, (store) => listWeighed(store, filter));
  return JSON.parse(toPlainJson(found)) as Listed[];
}

async function give(flags: SpeechFlags, order: Order): Promise<Listed> {
  const { verdict, note } = order;
  const { data } = flags;
  if (note.trim() === "")
    throw new UsageError('--reason "" says nothing.', "Needed: why, in a few words.", "Write it.");
  const speech = speechTo(flags, actorName());
  const isMeant = ({ alarm }: Listed) => meansId(order.id, alarm.finding.id);
  const page = (beforeSeq: number | undefined) =>
    listed(data, speech?.server, beforeSeq === undefined ? {} : { beforeSeq });
  const found = (await lookBack(page, (all) => all.some(isMeant))).filter(isMeant);
  const needless =
    found.length > 0 ? undefined : await findUncalibrated(data, speech?.server, (id) => meansId(order.id, id));
  if (needless !== undefined) throw new NeedsNoReview(needless);
  const meant = select(order.id, found);
  const { finding, actor: marker, review } = meant.alarm;
  // Whose a person's token is, the server knows.
  const actor = speech === undefined ? (flags.as ?? actorName()) : speech.actor;
  const fault =
    actor === undefined ? undefined : whyNotReviewed({ actor: marker, verdict: review?.verdict }, { verdict, actor });
  if (fault !== undefined) throw new NotReviewed(finding.id, fault, actor!);
  const said = { verdict, note, ...(actor === undefined ? {} : { actor }) };
  if (speech !== undefined) await speech.server.post(`/findings/${finding.id}/review`, said);
  else
    await withStore(data, async (store) => {
      const { readConfiguration } = await import("../observe/noteConfiguration.ts");
      // Whoever may write this folder may write any name.
      if (verdict === "accepted" && (await readConfiguration(store))?.people !== undefined) throw new NobodyProved();
      await stepInStore(store, finding.chainId, [
        { kind: "review", finding: finding.id, verdict, note, actor: actor! },
      ]);
    });
  return meant;
}

function select(given: string, meant: readonly Listed[]): Listed {
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  throw new UsageError(
    only === undefined ? `There is no false alarm "${given}".` : `"${given}" fits ${meant.length} false alarms.`,
    "Allowed: a finding's id, or at least its first 8 digits.",
    "`testudo review --all` lists them.",
  );
}

function headOf({ finding }: Listed["alarm"]): string {
  return `${finding.id.slice(0, 12)}… ${finding.detector} at ${finding.subject}, score ${finding.score}: ${finding.reason}`;
}

function linesOf({ alarm, state, wouldHide, wouldHideAll }: Listed): readonly string[] {
  const { resolution, actor, note, review } = alarm;
  return [
    `${state} ${headOf(alarm)}`,
    `  ${resolution}, says ${actor}: ${note}`,
    ...(review === undefined ? [] : [`  ${review.verdict}, says ${review.actor}: ${review.note}`]),
    ...(wouldHideAll === 0
      ? []
      : [
          `  WARNING: ${wouldHideAll} others scored no higher at this contract and could go unheard with it: ${wouldHide.map(({ what, score }) => `${what} (score ${score})`).join("; ")}${wouldHideAll > wouldHide.length ? `; and ${wouldHideAll - wouldHide.length} more` : ""}`,
        ]),
  ];
}

/** Nothing follows from the mark of this finding that anybody could accept or refuse. */
export class NeedsNoReview extends Error {
  override readonly name = "NeedsNoReview";
  constructor({ id, class: cls, prediction }: Uncalibrated) {
    super(
      `Finding ${id.slice(0, 12)}… needs no review: it is ${prediction === undefined ? `of class "${cls}"` : "a prediction"}.\n` +
        "- Only marks of anomalies in a block are taken into a calibration.\n" +
        "- The mark stands as it is; nothing is left to do.",
    );
  }
}

/** Where people have tokens, a name is proved to the server that knows them, and none runs. */
export class NobodyProved extends Error {
  override readonly name = "NobodyProved";
  constructor() {
    super(
      "The last watch knew people by tokens of their own, and none runs to show one to.\n" +
        "- With `people` in the configuration a false alarm is accepted by a person's own token.\n" +
        "- Start the watch, and accept with TESTUDO_TOKEN; `testudo review refuse` needs none.",
    );
  }
}

/** This person may not say that of it. */
export class NotReviewed extends Error {
  override readonly name = "NotReviewed";
  constructor(id: string, fault: NonNullable<ReturnType<typeof whyNotReviewed>>, actor: string) {
    const told = {
      "no-name": ["nobody is named", "An account with a name says who reviews."],
      "same-person": [`"${actor}" marked it`, "Somebody else accepts it, from an account of their own."],
      "accepted-already": ["it was accepted already", "`testudo review refuse` takes that back."],
      "refused-already": ["it was refused already", "That is final; the next finding of its kind can be marked."],
    }[fault];
    super(
      `Finding ${id.slice(0, 12)}… was not reviewed: ${told[0]}.\n` +
        "- A false alarm is marked by one person and accepted by another, once.\n" +
        `- ${told[1]}`,
    );
  }
}
