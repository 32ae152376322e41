// A local receiver that speaks OTLP/HTTP with JSON, as the OpenTelemetry protocol specifies it.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { makeFolder, openTill, tillHolds, watchTill } from "../faults/till.testkit.ts";

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly events: readonly { readonly name: string }[];
}

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openCollector() {
  const spans: WireSpan[] = [];
  const requests: { readonly path: string; readonly key: unknown }[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    requests.push({ path: request.url ?? "", key: request.headers["x-key"] });
    const sent = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: WireSpan[] }[] }[] };
    for (const { scopeSpans } of sent.resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    response.setHeader("content-type", "application/json");
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, requests };
}

const attribute = (span: WireSpan, key: string) =>
  Object.values(span.attributes.find((entry) => entry.key === key)?.value ?? {})[0];

test("OBS-02: a pause hangs on the detector that saw the harm, and that on its block, at a receiver outside", async () => {
  const collector = await openCollector();
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  const head = await world.mine(3);
  const traces = { url: `${collector.url}/v1/traces`, headers: { "x-key": "hidden" } };
  const seen = await watchTill(world, folder.path, { observe: { traces } });
  await seen.until(() => seen.head() >= head);
  await world.send(await world.theft(tillHolds / 2n));
  const robbed = await world.mine();
  await seen.until(() => seen.states().includes("active"), { mineMs: 200 });
  await seen.stop();
  expect(collector.requests[0]).toEqual({ path: "/v1/traces", key: "hidden" });
  const { spans } = collector;
  const action = spans.find((span) => span.name === "action")!;
  expect(action.events.map((event) => event.name)).toContain("active");
  const detector = spans.find((span) => span.spanId === action.parentSpanId)!;
  expect([detector.name, attribute(detector, "testudo.detector")]).toEqual(["detector", "invariant-till-solvent"]);
  const block = spans.find((span) => span.spanId === detector.parentSpanId)!;
  expect([block.name, block.parentSpanId ?? "", Number(attribute(block, "testudo.block.number"))]).toEqual([
    "block",
    "",
    robbed,
  ]);
  for (const inner of spans.filter((span) => span.parentSpanId === block.spanId)) {
    expect(BigInt(inner.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(block.startTimeUnixNano) - 5_000_000n);
    expect(BigInt(inner.endTimeUnixNano)).toBeGreaterThan(BigInt(inner.startTimeUnixNano));
  }
  // Blocks of history get none.
  expect(
    spans
      .filter((span) => span.name === "block")
      .every((span) => Number(attribute(span, "testudo.block.number")) >= head),
  ).toBe(true);
});
