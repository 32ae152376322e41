import { statSync, writeFileSync } from "node:fs";
import { assertReplaceable, replaceFile, replaceOpenFile } from "./writeFile.ts";

// The file behind is open in whoever reads it, who would never see another one in its place.
const openPlaces = /^\/(?:dev\/(?:stdout|stderr|fd\/\d+)|proc\/[^/]+\/fd\/\d+)$/;

/** Replaces a file as `replaceFile` does; a device or a pipe, such as /dev/stdout, is written to. */
export function writeOut(path: string, text: string): void {
  if (isStream(path)) writeFileSync(path, text);
  else replaceFile(path, text);
}

/** The same for a report, with the mode that this account's new files have. */
export function writeReportOut(path: string, text: string): void {
  if (isStream(path)) writeFileSync(path, text);
  else replaceOpenFile(path, text);
}

/** Throws `NoPlainFile` where `writeOut` would. */
export function assertWritableOut(path: string): void {
  if (!isStream(path)) assertReplaceable(path);
}

function isStream(path: string): boolean {
  if (openPlaces.test(path)) return true;
  try {
    const known = statSync(path, { throwIfNoEntry: false });
    return known !== undefined && !known.isFile() && !known.isDirectory();
  } catch {
    return false;
  }
}
