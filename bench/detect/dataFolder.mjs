import { existsSync } from "node:fs";
import { join } from "node:path";

/** The folder `name` of TESTUDO_DATA, or {skipped: reason} where it is not there. */
export function dataFolder(name, data = process.env.TESTUDO_DATA) {
  if (data === undefined || data === "") return { skipped: "TESTUDO_DATA is not set" };
  const folder = join(data, name);
  return existsSync(folder) ? { folder } : { skipped: `TESTUDO_DATA has no ${name}/` };
}
