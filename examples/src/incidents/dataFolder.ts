/** Why a test that needs recorded chain data is skipped, or `undefined` when `TESTUDO_DATA` is set. */
export const whyNoData: string | undefined = process.env.TESTUDO_DATA
  ? undefined
  : "TESTUDO_DATA is not set: TESTUDO_DATA=<folder with incidents/, blocks/ and tools/> npm test";

/** Returns the folder of recorded chain data. Throws `DataFolderUnset` when `TESTUDO_DATA` is not set. */
export function dataFolder(): string {
  const folder = process.env.TESTUDO_DATA;
  if (!folder) throw new DataFolderUnset();
  return folder;
}

/** No folder of recorded chain data was named. */
export class DataFolderUnset extends Error {
  constructor() {
    super(
      [
        "TESTUDO_DATA is not set.",
        "- It names the folder that holds incidents/, blocks/ and tools/frozen-rpc.mjs.",
        "- Set it, or leave out what needs recorded chain state.",
      ].join("\n"),
    );
    this.name = "DataFolderUnset";
  }
}
