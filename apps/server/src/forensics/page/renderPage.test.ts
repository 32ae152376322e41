import { expect, test } from "vitest";
import { hostileReport } from "../hostileReport.testkit.ts";
import { renderPage } from "./renderPage.ts";

test("LAB-16: the page escapes whatever contracts say of themselves", async () => {
  const report = await hostileReport();
  expect(report.assets.some(({ symbol }) => symbol.includes("<script>"))).toBe(true);
  expect(report.callTree.calls[0]!.reason).toContain("<img");
  const page = renderPage(report);
  expect(page).toContain("&lt;script&gt;");
  // Nothing but what the page writes itself: no tag and no attribute out of a name.
  const written = page.match(/<[a-zA-Z/][^>]*>/g)!;
  const tags = new Set(written.map((tag) => /^<\/?([\w-]+)/.exec(tag)![1]!.toLowerCase()));
  for (const tag of ["script", "img", "iframe", "object", "link", "form"]) expect(tags).not.toContain(tag);
  for (const tag of written) expect(tag).not.toMatch(/\son\w+\s*=/i);
});

test("LAB-16: the page asks for nothing from elsewhere, and forbids it", async () => {
  const page = renderPage(await hostileReport());
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'`);
  expect(page).not.toMatch(/(?:src|href)="(?!#)/);
  expect(page).not.toMatch(/url\(|@import|https?:/);
});

test("LAB-16: every reference to a call leads to that call in the tree", async () => {
  const page = renderPage(await hostileReport());
  const targets = new Set([...page.matchAll(/id="(call-\d+)"/g)].map(([, id]) => id));
  const references = [...page.matchAll(/href="#(call-\d+)"/g)].map(([, id]) => id);
  expect(references.length).toBeGreaterThan(2);
  for (const reference of references) expect(targets).toContain(reference);
});

test("LAB-16: the page has all that a reader looks for, for light and dark and for narrow screens", async () => {
  const page = renderPage(await hostileReport());
  const titles = [...page.matchAll(/<h2>([^<]+)<\/h2>/g)].map(([, title]) => title);
  expect(titles).toEqual([
    "Root cause",
    "Flow of value",
    "What kind of attack",
    "What our modules would have done",
    "Timeline",
    "Parties",
    "Prices that were read",
    "State that changed",
    "Call tree",
    "What the detectors said",
  ]);
  expect(page.match(/<svg class="graph (?:wide|narrow)"/g)).toHaveLength(2);
  expect(page).toContain("prefers-color-scheme:dark");
  expect(page).toContain("width=device-width");
});
