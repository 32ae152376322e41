import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Digests, digestOfRuns } from "./digestOfRuns.testkit.ts";

/**
 * What every supported Node and Chromium give. `results` follows from the rules of the chain and from the work alone;
 * `records` changes too where a hook records something else.
 */
const expected: Digests = {
  results: "0x14d8abf958bb093220fcd76053a5e49158d673b418de13a096b2e03ddd1b1b93",
  records: "0x7ac96b0a1596e28ee8c4d1807ee1e638836eedf6d58ae42ee06de21113c983c0",
  ends: {
    called: 243,
    ran: 121,
    "execution reverted": 71,
    "invalid opcode": 46,
    "out of gas": 17,
    "stack underflow": 2,
  },
};

const libraryOf = (file: string) => dirname(createRequire(import.meta.url).resolve(file));
/** What the page may load, by the begin of its path. */
const folders = {
  "/dist/": fileURLToPath(new URL("../dist", import.meta.url)),
  "/hashes/": libraryOf("@noble/hashes/sha3.js"),
  "/curves/": libraryOf("@noble/curves/bn254.js"),
};
const browser = process.env.CHROMIUM ?? "/usr/bin/chromium";
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const page = `<!doctype html><script type="importmap">{"imports":{"@noble/hashes/":"/hashes/","@noble/curves/":"/curves/"}}</script>`;

test("EVM-07: a fixed course of calls and transactions gives the same bytes on every Node", async () => {
  expect(await digestOfRuns()).toEqual(expected);
});

const how = existsSync(browser) ? browser : `none at ${browser}: apt-get install -y chromium, or set CHROMIUM`;
describe.skipIf(!existsSync(browser))(`in Chromium (${how})`, () => {
  test("EVM-07: the same WebAssembly gives the same bytes in Chromium", async () => {
    const server = await serve();
    const folder = await mkdtemp(join(tmpdir(), "testudo-chromium-"));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: browser,
      headless: true,
      args: flags,
    });
    onTestFinished(async () => {
      await context.close();
      await rm(folder, { recursive: true, force: true });
      server.close();
    });
    const tab = await context.newPage();
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const found: unknown = await tab.evaluate(
      `import("/dist/digestOfRuns.testkit.js").then(({ digestOfRuns }) => digestOfRuns())`,
    );
    expect(found).toEqual(expected);
  });
});

/** The member's built modules and the libraries that they import, as they lie on the disk. */
async function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url!, "http://localhost").pathname);
    if (path === sep) return void response.setHeader("content-type", "text/html").end(page);
    const [begin, folder] = Object.entries(folders).find(([begin]) => path.startsWith(begin)) ?? [];
    if (begin === undefined || folder === undefined) return void response.writeHead(404).end();
    readFile(join(folder, path.slice(begin.length))).then(
      (content) => response.setHeader("content-type", "text/javascript").end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return server;
}
