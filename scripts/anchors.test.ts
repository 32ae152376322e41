// Whoever is paged follows a link: each that the program or a document gives leads to a heading that is there.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const tracked = execFileSync("git", ["ls-files", "-z", "*.ts", "*.mjs", "*.md", "*.sol", "*.yaml", "*.yml", "*.json"], {
  cwd: root,
  encoding: "utf8",
}).split("\0");

/** Where the headings of a document are linked, in the way of GitHub. */
function anchorsOf(document: string): ReadonlySet<string> {
  const headings = document.split("\n").flatMap((line) => /^#+ (.+)$/.exec(line)?.[1] ?? []);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

test("every link to a heading leads to one", () => {
  const pattern = /(?<![\w/:.-])([\w./-]*\.md)?#([a-z][\w-]*[a-z0-9])(?=[)"'`])/g;
  const links = tracked
    .filter((path) => path !== "" && !path.endsWith("anchors.test.ts") && existsSync(join(root, path)))
    .flatMap((path) =>
      [...readFileSync(join(root, path), "utf8").matchAll(pattern)].flatMap(([written, file, anchor]) => {
        if (file === undefined) return path.endsWith(".md") ? { path, written, anchor: anchor!, targets: [path] } : [];
        // The program names documents from the root, and so does what a document quotes of it.
        return {
          path,
          written,
          anchor: anchor!,
          targets: [file, ...(path.endsWith(".md") ? [join(dirname(path), file)] : [])],
        };
      }),
    );
  expect(links.length).toBeGreaterThan(40);
  const leads = (target: string, anchor: string) =>
    existsSync(join(root, target)) && anchorsOf(readFileSync(join(root, target), "utf8")).has(anchor);
  const dead = links.filter(({ targets, anchor }) => !targets.some((target) => leads(target, anchor)));
  expect(dead.map(({ path, written }) => `${path}: ${written}`)).toEqual([]);
});
