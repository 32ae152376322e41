import { checkFixture, type FixtureVerdict } from "@testudo/lab/fixture/checkFixture";
import { readFixture } from "./readFixture.ts";

/** What is said about one fixture; `file` as it was given. */
export interface FileVerdict extends FixtureVerdict {
  readonly file: string;
}

/** Runs one fixture after the other, up to the first that differs. Rejects with what `readFixture` throws. */
export async function* checkFixtures(files: Iterable<string>): AsyncGenerator<FileVerdict> {
  for (const file of files) {
    const verdict = await checkFixture(readFixture(file));
    yield { file, ...verdict };
    if (!verdict.agrees) return;
  }
}

/** Two lines at most about one fixture, for a person. */
export function describeVerdict({ file, kind, difference }: FileVerdict): string {
  if (difference === null) return `agrees   ${file} (${nameOf[kind]})`;
  const { path, expected, got, engine } = difference;
  const place = path === "" ? "result" : path.startsWith("[") ? `result${path}` : `result.${path}`;
  return `differs  ${file} (${nameOf[kind]}, ${engine}) at ${place}: expected ${shown(expected)}, got ${shown(got)}`;
}

const nameOf: { readonly [kind in FixtureVerdict["kind"]]: string } = {
  call: "call tree",
  flat: "flat list",
  prestate: "prestate",
  diff: "state difference",
};

// Code and trees are as long as they like.
const mostShown = 300;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > mostShown ? `${text.slice(0, mostShown)}… (${text.length} characters)` : text;
}
