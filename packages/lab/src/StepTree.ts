// Where in the code a run called, logged and ended: enough to name the place of a frame, a log or a failure without keeping
// each step of millions.
import type { StepWatcher } from "./openEthereumjs.ts";

/** An operation in a frame's code. */
export interface Step {
  readonly pc: number;
  readonly opcode: string;
}

/** A frame by its operations. */
export interface StepNode {
  /** The last operation that ran; undefined where none did. */
  last: Step | undefined;
  /** What made each call, in order, self-destructs among them; `node` is absent where the call never began. */
  readonly calls: { readonly at: Step; node?: StepNode }[];
  readonly logs: Step[];
}

export interface StepTree extends StepWatcher {
  /** The frames of the last run. */
  root(): StepNode | undefined;
}

const calling = /^(?:CALL|CALLCODE|DELEGATECALL|STATICCALL|CREATE|CREATE2|SELFDESTRUCT)$/;

/** A watcher that keeps the tree of the last run. */
export function createStepTree(): StepTree {
  let root: StepNode | undefined;
  const open: StepNode[] = [];
  return {
    begin() {
      const node: StepNode = { last: undefined, calls: [], logs: [] };
      const parent = open.at(-1);
      if (parent === undefined) root = node;
      else parent.calls.at(-1)!.node = node;
      open.push(node);
    },
    end: () => void open.pop(),
    step(pc, opcode) {
      const frame = open.at(-1)!;
      const step = { pc, opcode };
      frame.last = step;
      if (calling.test(opcode)) frame.calls.push({ at: step });
      else if (opcode.startsWith("LOG")) frame.logs.push(step);
    },
    root: () => root,
  };
}
