import { readdirSync, readFileSync } from "node:fs";
import { detectFiles } from "testudo/detect/detectFiles";

/** A folder of call trees: those that its `index.tsv` names, those that are there, and what is said of each. */
export interface JudgedFolder {
  readonly listed: readonly string[];
  readonly present: readonly string[];
  /** File → how severe, `nothing`, or why it could not be judged. */
  readonly severities: ReadonlyMap<string, string>;
}

/** Judges all trees that the list of `folder` (with a slash at its end) names, without configuration. */
export async function judgeFolder(folder: string): Promise<JudgedFolder> {
  const [, ...lines] = readFileSync(`${folder}index.tsv`, "utf8").trim().split("\n");
  const listed = lines.map((line) => line.split("\t")[0]!);
  const severities = new Map<string, string>();
  const paths = listed.map((file) => folder + file);
  for await (const verdict of detectFiles(paths, {}, new AbortController().signal))
    severities.set(
      verdict.file.slice(folder.length),
      "error" in verdict ? verdict.error : (verdict.severity ?? "nothing"),
    );
  return { listed, present: readdirSync(folder).filter((name) => name.endsWith(".json.gz")), severities };
}
