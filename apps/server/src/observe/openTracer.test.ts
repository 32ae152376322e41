import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Commit } from "@testudo/core/model/Output";
import { afterEach, expect, test } from "vitest";
import { openTracer, traceTargetOf } from "./openTracer.ts";

let close: () => void = () => {};
afterEach(() => close());

async function openReceiver(status: number) {
  const server = createServer((request, response) => {
    request.resume().once("end", () => response.writeHead(status, { "content-type": "application/json" }).end("{}"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
}

const block = { cursor: { number: 7n, hash: "0x07" }, records: [] } as unknown as Commit;

test.each([
  ["takes them", 200, "sent"],
  ["refuses them", 400, "lost"],
] as const)("OBS-02: spans are counted where the receiver %s", async (_, status, result) => {
  const told: [string, number][] = [];
  const tracer = await openTracer({ url: await openReceiver(status), serviceName: "testudo" }, (...one) =>
    told.push(one),
  );
  tracer.stored(block, [{ detector: "outflow", startedAtMs: 1, ms: 2 }], { receivedAtMs: 1, storedAtMs: 5 });
  await tracer.close();
  expect(told).toEqual([[result, 2]]);
});

test.each([
  [{}, undefined],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "" }, undefined],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/", OTEL_SDK_DISABLED: "true" }, undefined],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" }, "http://collector:4318/v1/traces"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://c/t" }, "https://c/t"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://c", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "" }, "http://c/v1/traces"],
])("OBS-02: with %o in the environment spans go to %s", (environment, url) => {
  expect(traceTargetOf(environment)?.url).toBe(url);
});

test.each(["collector:4317", "collector", "grpc://collector:4317"])(
  "error: %s is told at the start, and not passed over, with spans lost",
  (endpoint) => {
    expect(() => traceTargetOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toThrow(
      "OTEL_EXPORTER_OTLP_ENDPOINT is no address",
    );
  },
);
