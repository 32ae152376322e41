import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostileReport } from "../hostileReport.testkit.ts";
import { renderPage } from "./renderPage.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const how = existsSync(executablePath)
  ? executablePath
  : `none at ${executablePath}: apt-get install -y chromium, or set CHROMIUM`;

describe.skipIf(!existsSync(executablePath))(`the page in Chromium (${how})`, () => {
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "testudo-page-"));
    await writeFile(join(folder, "report.html"), renderPage(await hostileReport()));
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([
    [320, "light"],
    [380, "dark"],
    [1280, "light"],
    [1280, "dark"],
  ] as const)(
    "LAB-16: nothing is wider than the window at %i pixels (%s), and nothing is asked for",
    async (width, colorScheme) => {
      const tab = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
      const asked: string[] = [];
      const wrong: string[] = [];
      tab.on("request", (request) => asked.push(request.url()));
      tab.on("dialog", (dialog) => void wrong.push(dialog.message()));
      tab.on("console", (message) => void wrong.push(message.text()));
      const url = pathToFileURL(join(folder, "report.html")).href;
      await tab.goto(url);
      // What is closed may not push the page apart when it opens.
      await tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })");
      const tooWide = await tab.evaluate(
        "[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((one) => one.outerHTML.slice(0, 200))",
      );
      expect({ asked, wrong, tooWide }).toEqual({ asked: [url], wrong: [], tooWide: [] });
      await tab.close();
    },
  );
});
