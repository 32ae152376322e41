// The mode of a watch, where the switch on this machine and the one on the chain are two: who is killed by either is killed.
import type { FlagReading } from "@testudo/chain/state/readFlag";
import type { Input } from "@testudo/core/model/Input";
import type { SwitchState } from "./switch.ts";

export interface Modes {
  /** Takes what the switch on this machine says. */
  onSwitch(state: SwitchState): void;
  /** Has the flag on the chain looked at, after each block. Looks do not overlap; what comes meanwhile is one more. */
  look(): void;
}

/**
 * Tells the mode once the switch has been read, and when it changes. `readFlag` is left out where there is no flag. One that cannot be
 * read changes no mode: nothing leaves until it can (`giveOut`), and what waits need not end for a node that was away. People are told
 * of it, and of one that is on, from `isReady` on.
 */
export function followModes(
  tell: (input: Extract<Input, { kind: "mode" | "trouble" }>) => void,
  readFlag: (() => Promise<FlagReading>) | undefined,
  isReady: () => boolean = () => true,
): Modes {
  let own: SwitchState | undefined;
  let flag: FlagReading | undefined;
  let shown: FlagReading = { state: "off" };
  let last: string | undefined;
  let [isLooking, isDue] = [false, false];

  function emit(): void {
    if (own === undefined) return;
    const { mode, actor, reason } =
      flag?.state === "on" && own.mode !== "killed"
        ? { mode: "killed" as const, actor: "flag on the chain", reason: `it is on, says ${flag.by}` }
        : own;
    const now = JSON.stringify([mode, actor, reason]);
    if (now === last) return;
    last = now;
    tell({ kind: "mode", mode, actor, reason });
  }

  // Whoever relies on us has to know that we do nothing, and by whose word.
  function tellOf(reading: FlagReading): void {
    // Before the first block a trouble is noted and told to nobody.
    if (!isReady()) return;
    const [before, now] = [troubleOf(shown), troubleOf(reading)];
    shown = reading;
    if (before === now) return;
    const endpoint = "flag on the chain";
    if (before !== undefined)
      tell({ kind: "trouble", trouble: "recovered", over: before, endpoint, message: "It is another by now." });
    if (now !== undefined) tell({ kind: "trouble", trouble: now, endpoint, message: sentenceOf(reading) });
  }

  async function lookOn(read: () => Promise<FlagReading>): Promise<void> {
    isLooking = true;
    while (isDue) {
      isDue = false;
      const reading = await read();
      tellOf(reading);
      if (reading.state !== "unread") flag = reading;
      emit();
    }
    isLooking = false;
  }

  return {
    onSwitch(state) {
      own = state;
      emit();
    },
    look() {
      if (readFlag === undefined) return;
      isDue = true;
      if (!isLooking) void lookOn(readFlag);
    },
  };
}

function troubleOf({ state }: FlagReading): "flag-on" | "flag-unread" | undefined {
  return state === "off" ? undefined : `flag-${state}`;
}

function sentenceOf(reading: FlagReading): string {
  if (reading.state === "unread") return `Nothing is sent: the flag on the chain cannot be read. ${reading.why}`;
  if (reading.state === "off") return "The flag on the chain is off.";
  const others = reading.not.length === 0 ? "" : `; it is not, say ${reading.not.join(", ")}`;
  return `Nothing is proposed or sent: the flag on the chain is on, says ${reading.by}${others}.`;
}
