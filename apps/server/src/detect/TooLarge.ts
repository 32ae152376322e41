import { TraceFault } from "./TraceFault.ts";
import { mostBytes } from "./traceLimits.ts";

/** More bytes than are read. */
export class TooLarge extends TraceFault {
  constructor(bytes: string) {
    super(`It has ${bytes} bytes.`, `Allowed: up to ${mostBytes}, unpacked.`, "Trace one transaction into one file.");
  }
}
