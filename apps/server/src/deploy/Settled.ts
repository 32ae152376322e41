import { rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Address } from "@testudo/core/model/Hex";
import { timeText } from "@testudo/core/model/timeText";
import { replaceFile } from "../operator/writeFile.ts";
import { safeBatch } from "./safeBatch.ts";
import type { Standing } from "./settle.ts";

const verbs = ["propose", "execute"] as const;

/** How far the settings of the timelock are. */
export interface Settled {
  readonly state: "done" | "proposed" | "waiting" | "ready" | "vetoed";
  readonly text: string;
  /** Unix seconds from which on the next run can execute. */
  readonly dueAt?: number;
  /** What the slow wallet has to sign, as a file for its Transaction Builder. */
  readonly safeFile?: string;
}

/** What `standing` means for whoever runs the deployment with its plan at `path`; writes what a Safe has to sign. */
export function toSettled(
  { chainId, slowWallet }: { readonly chainId: number; readonly slowWallet: Address },
  standing: Standing,
  path: string,
): Settled {
  const fileOf = (verb: string) =>
    join(dirname(path), `${basename(path).replace(/\.plan\.json$/, "")}.${verb}.safe.json`);
  // What is signed by mistake from a file of yesterday is what nobody wants any more.
  for (const verb of verbs) rmSync(fileOf(verb), { force: true });
  const asFile = (verb: (typeof verbs)[number], calls: Standing["toSchedule"]) => {
    const file = fileOf(verb);
    replaceFile(file, safeBatch(chainId, slowWallet, `Testudo: ${verb} the settings`, calls));
    return file;
  };
  const { toCancel, toSchedule } = standing;
  if (toCancel.length + toSchedule.length > 0) {
    const safeFile = asFile("propose", [...toCancel, ...toSchedule]);
    const tasks = [
      ...(toCancel.length > 0 ? [`cancel ${toCancel.length} operations of a former file`] : []),
      ...(toSchedule.length > 0 ? [`propose ${toSchedule.length} operations`] : []),
    ];
    return {
      state: "proposed",
      safeFile,
      text: `The slow wallet has to ${tasks.join(" and ")}: import "${safeFile}" into its Transaction Builder, sign, and run this again.`,
    };
  }
  if (standing.toExecute.length > 0) {
    const safeFile = asFile("execute", standing.toExecute);
    return {
      state: "ready",
      safeFile,
      text: `${standing.toExecute.length} operations are due: an executor has to send "${safeFile}", then run this again.`,
    };
  }
  if (standing.dueAt === undefined && standing.vetoed.length > 0)
    return {
      state: "vetoed",
      text: "Guardians vetoed settings of this file. Change the file, or talk to them; the same settings under a changed file are proposed anew.",
    };
  if (standing.dueAt === undefined) return { state: "done", text: "Nothing waits in the timelock for this file." };
  const dueAt = Number(standing.dueAt);
  return {
    state: "waiting",
    dueAt,
    text: `The timelock waits until ${timeText(standing.dueAt)}. Run this again then.`,
  };
}
