import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";

const frameSize = 300;

/** About how many characters a tree would be written with. */
export function sizeOfTrace(trace: CallFrame): number {
  const ofFrame = ({ input, output, logs }: CallFrame) =>
    frameSize + input.length + output.length + logs.reduce((sum, { data }) => sum + frameSize + data.length, 0);
  return walk(trace).reduce((sum, { frame }) => sum + ofFrame(frame), 0);
}
