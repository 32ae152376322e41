// The mode switch is a file, so that `kill` works whatever state a running server is in, and survives restarts.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";
import { replaceFile } from "./writeFile.ts";

const switchSchema = z.strictObject({
  mode: z.enum(["shadow", "armed", "killed"]),
  actor: z.string().min(1),
  reason: z.string(),
  /** ISO 8601. */
  at: z.iso.datetime(),
});

/** Who set which mode, why and when. */
export type SwitchSetting = z.output<typeof switchSchema>;

/** What the switch says. `fault` is set when it could not be read and therefore counts as pressed. */
export interface SwitchState extends SwitchSetting {
  readonly fault?: string;
}

const untouched: SwitchState = {
  mode: "shadow",
  actor: "default",
  reason: "never set",
  at: new Date(0).toISOString(),
};

export function switchPath(dataDir: string): string {
  return join(dataDir, "switch.json");
}

/** Sets the switch of `dataDir`. `arm` has a condition of its own: see `arm.ts`. Throws SwitchStuck. */
export function writeSwitch(dataDir: string, setting: SwitchSetting): void {
  const text = `${JSON.stringify(switchSchema.parse(setting))}\n`;
  try {
    replaceFile(switchPath(dataDir), text);
  } catch (cause) {
    throw new SwitchStuck(dataDir, setting.mode, cause as NodeJS.ErrnoException);
  }
}

/** The switch of `dataDir`: shadow when there is none, killed when it cannot be read or trusted (RESP-07). Never throws. */
export function readSwitch(dataDir: string): SwitchState {
  const path = switchPath(dataDir);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
    if (isWritableByOthers(path)) return killed(`"${path}" can be written by others than its owner`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? untouched : killed(message);
  }
  try {
    return switchSchema.parse(JSON.parse(text));
  } catch {
    return killed(`"${path}" does not hold a valid setting`);
  }
}

// Whoever can write the file can arm, so that its word is worth no more than the weakest of them. A file of another owner
// is theirs to write; root may write everything anyway.
function isWritableByOthers(path: string): boolean {
  if (process.platform === "win32") return false;
  const { mode, uid } = statSync(path);
  return (mode & 0o022) !== 0 || (uid !== 0 && uid !== process.getuid?.());
}

function killed(fault: string): SwitchState {
  return { mode: "killed", actor: "switch", reason: fault, at: new Date(0).toISOString(), fault };
}

const pollMs = 150;

/**
 * Calls `onChange` with the switch as it stands, and again after each change within half a second, until `signal` fires.
 * It looks at the content: notifications of the file system get lost on network and overlay folders.
 */
export function watchSwitch(dataDir: string, onChange: (reading: SwitchState) => void, signal: AbortSignal): void {
  let last = "";
  const look = () => {
    if (signal.aborted) return;
    const reading = readSwitch(dataDir);
    const now = JSON.stringify(reading);
    if (now === last) return;
    last = now;
    onChange(reading);
  };
  const timer = setInterval(look, pollMs);
  timer.unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  look();
}

/** The switch could not be set; it stays as it is. */
export class SwitchStuck extends Error {
  override readonly name = "SwitchStuck";
  constructor(dataDir: string, mode: SwitchSetting["mode"], cause: NodeJS.ErrnoException) {
    const path = switchPath(dataDir);
    const { mode: standing, fault } = readSwitch(dataDir);
    const counts = fault === undefined ? `It stays on ${standing}.` : "It cannot be read either and counts as pressed.";
    const wayOut = ["EISDIR", "ENOTEMPTY", "EEXIST", "ELOOP"].includes(cause.code ?? "")
      ? `Move "${path}" away: it has to be a file, then try again.`
      : `Make "${path}" writable for this account, or stop the server's process itself.`;
    super(
      `The switch "${path}" could not be set to ${mode}: ${cause.code ?? cause.message}.\n- ${counts}\n- ${wayOut}`,
      {
        cause,
      },
    );
  }
}
