// A process id alone names nobody: ids are given out again, in containers often the very same one after a restart.
import { readFileSync } from "node:fs";

/** When `pid` started, in ticks since boot, with the boot's id; empty where the system does not tell. */
export function startOf(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name stands in brackets and may hold blanks; field 22 counts from the first.
    return `${boot}/${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return "";
  }
}

/** Whether the process `pid` that started at `startedAt` still runs. Where starts are not told, the id decides. */
export function isRunning({ pid, startedAt }: { readonly pid: number; readonly startedAt: string }): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM, say: it is there and belongs to someone else.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const start = startOf(pid);
  return start === "" || startedAt === "" || start === startedAt;
}
