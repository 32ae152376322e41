// The list in git of cases that fail, with a reason each: docs/evm-conformance.json. It excuses nothing.
import { readFileSync } from "node:fs";

/** The list: `{file, name, index, reason}`, where `file` is the end of the way to it. Throws where it is malformed. */
export function readKnown(path) {
  const { known } = JSON.parse(readFileSync(path, "utf8"));
  for (const entry of known)
    if (![entry.file, entry.name, entry.reason].every((text) => typeof text === "string" && text !== ""))
      throw new TypeError(`${path} has ${JSON.stringify(entry)}: file, name, index and reason are needed.`);
  return known;
}

/** The failures of a run, those on the list named as known with their reason; and what is listed, ran and did not fail. */
export function judgeKnown({ failures, ran }, known) {
  const isSame = (entry, failure) =>
    entry.name === failure.name && entry.index === failure.index && failure.file.endsWith(entry.file);
  return {
    failures: failures.map((failure) => {
      const entry = known.find((each) => isSame(each, failure));
      return entry === undefined ? failure : { ...failure, why: `known (${entry.reason}): ${failure.why}` };
    }),
    stale: known
      .filter((entry) => ran.some((file) => file.endsWith(entry.file)) && !failures.some((f) => isSame(entry, f)))
      .map(({ file, name, index }) => `${file} ${name} [${index}]`),
  };
}
