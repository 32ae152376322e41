import { dropFrames, ReturnData } from "./Frame";
import { forgetRecords } from "./Hooks";
import { logs } from "./Log";
import { rollback } from "./rollback";
import { trace } from "./Trace";

/** Takes back a run, begun at `mark`, that did not come to its end: nothing of it is kept, nor told. */
export function abandonRun(mark: u32): void {
  rollback(mark);
  dropFrames();
  logs.length = 0;
  trace.length = 0;
  ReturnData.length = 0;
  forgetRecords();
}
