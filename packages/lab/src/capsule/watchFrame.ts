// Where in its code one frame of a run called, logged or ended. The rest of the run goes on at its own speed.
import type { StepWatcher } from "../engine/openEthereumjs.ts";

/** An operation in a frame's code. */
export interface Step {
  readonly pc: number;
  readonly opcode: string;
}

/** What is looked for in a frame: what made one of its calls, or wrote one of its logs, or ended it. */
export type Wanted = { readonly call: number } | { readonly log: number } | "end";

export interface FrameWatcher extends StepWatcher {
  /** Watches from the next run on. */
  arm(): void;
  /** The operation, or undefined where none was seen, or too many. */
  found(): Step | undefined;
}

const calling = /^(?:CALL|CALLCODE|DELEGATECALL|STATICCALL|CREATE|CREATE2|SELFDESTRUCT)$/;

/** Most operations of one frame that are looked at: ten seconds of the engine, and far more than honest code runs in one. */
const stepsMax = 1_000_000;

/** A watcher for what is `wanted` of the frame that the positions in `path` lead to, from the outermost. */
export function watchFrame(path: readonly number[], wanted: Wanted): FrameWatcher {
  const open: number[] = [];
  // The outermost frame has a position too, which says nothing.
  const isThere = () => open.length === path.length + 1 && path.every((position, i) => open[i + 1] === position);
  let isArmed = false;
  let seen = 0;
  let rest = wanted === "end" ? Infinity : "call" in wanted ? wanted.call : wanted.log;
  let last: Step | undefined;
  const counts = (opcode: string) =>
    wanted !== "end" && ("call" in wanted ? calling.test(opcode) : opcode.startsWith("LOG"));
  return {
    arm() {
      isArmed = true;
    },
    begin: (position) => void open.push(position),
    end: () => void open.pop(),
    wantsSteps: () => isArmed && rest >= 0 && seen <= stepsMax && isThere(),
    step(pc, opcode) {
      seen += 1;
      last = { pc, opcode };
      if (counts(opcode)) rest -= 1;
    },
    // Where the call or the log did not come, what ended the frame before it stands for it.
    found: () => (seen > stepsMax ? undefined : last),
  };
}
