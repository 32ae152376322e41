import type { Attributes, Context, Span, Tracer } from "@opentelemetry/api";
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import { sleep } from "@testudo/chain/rpc/sleep";
import { isTerminal } from "@testudo/core/model/ActionStatus";
import type { Hex } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import { UsageError } from "../config/UsageError.ts";
import type { DetectorRun } from "../jobs/step/stepWorker.ts";
import type { CommitTimes } from "./observeCommits.ts";

const closeLimitMs = 3_000;

/** Where spans go: the whole URL of an OTLP/HTTP receiver (`…/v1/traces`), and headers for it. */
export interface TraceTarget {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

/** Writes spans: a block, the detectors that ran on it, and the actions that their findings led to. */
export interface BlockTracer {
  /** `runs`: what ran on the commit's block; undefined for one that gets no span. */
  stored(commit: Commit, runs: readonly DetectorRun[] | undefined, times: CommitTimes): void;
  /** Sends what is left. Never rejects: a receiver that is away keeps nothing from closing. */
  close(): Promise<void>;
}

/** Told of spans that left: whether the receiver took them. */
export type SpansTold = (result: "sent" | "lost", spans: number) => void;

/** Opens a tracer that sends to `target`. The packages are loaded here, so that a watch without it does not pay for them. */
export async function openTracer(target: TraceTarget, told: SpansTold): Promise<BlockTracer> {
  const [api, { OTLPTraceExporter }, { BasicTracerProvider, BatchSpanProcessor }, { resourceFromAttributes }] =
    await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/sdk-trace-base"),
      import("@opentelemetry/resources"),
    ]);
  const exporter = new OTLPTraceExporter({ url: target.url, ...(target.headers ? { headers: target.headers } : {}) });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": target.serviceName }),
    // Spans are dropped, and counted by the SDK, where the receiver is slower than the chain; watching never waits.
    spanProcessors: [
      new BatchSpanProcessor(counting(exporter, told), { scheduledDelayMillis: 1_000, maxQueueSize: 4_096 }),
    ],
  });
  const tracer = provider.getTracer("testudo");
  const under = (span: Span) => api.trace.setSpan(api.ROOT_CONTEXT, span);
  const actions = new Map<Hex, Span>();
  return {
    stored(commit, runs, times) {
      if (commit.cursor && runs !== undefined) writeBlock({ tracer, under, actions }, commit, runs, times);
      followActions(actions, commit, times.storedAtMs);
    },
    async close() {
      for (const span of actions.values()) span.end();
      // A receiver that takes the connection and never answers must not hold the end of the watch.
      await Promise.race([provider.shutdown().catch(() => undefined), sleep(closeLimitMs)]);
    },
  };
}

/** The library says nowhere that a receiver takes nothing. */
function counting(exporter: SpanExporter, told: SpansTold): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        told(result.code === 0 ? "sent" : "lost", spans.length);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

interface Writer {
  readonly tracer: Tracer;
  readonly under: (span: Span) => Context;
  readonly actions: Map<Hex, Span>;
}

function writeBlock(writer: Writer, commit: Commit, runs: readonly DetectorRun[], times: CommitTimes): void {
  const { tracer, under } = writer;
  const { number, hash } = commit.cursor!;
  const firstMs = Math.min(times.receivedAtMs ?? times.storedAtMs, ...runs.map((run) => run.startedAtMs));
  const findings = commit.records.filter((record) => record.kind === "Finding");
  const attributes: Attributes = {
    "testudo.block.number": Number(number),
    "testudo.block.hash": hash,
    "testudo.findings": findings.length,
  };
  const block = tracer.startSpan("block", { startTime: firstMs, attributes });
  const spans = new Map<string, Span>();
  for (const { detector, startedAtMs, ms } of runs) {
    const mine = { "testudo.detector": detector };
    const span = tracer.startSpan("detector", { startTime: startedAtMs, attributes: mine }, under(block));
    span.end(startedAtMs + ms);
    spans.set(detector, span);
  }
  openActions(writer, commit, { block, spans, atMs: times.storedAtMs });
  block.end(Math.max(times.storedAtMs, firstMs));
}

interface Parents {
  readonly block: Span;
  readonly spans: ReadonlyMap<string, Span>;
  readonly atMs: number;
}

// An action hangs on the detector that saw the damage, if it did in this block, else on the one that saw the anomaly, else on
// the block that it was decided at.
function openActions({ tracer, under, actions }: Writer, commit: Commit, { block, spans, atMs }: Parents): void {
  const detectorOf = new Map(
    commit.records.flatMap((r) => (r.kind === "Finding" ? [[r.id, r.detector] as const] : [])),
  );
  for (const record of commit.records) {
    if (record.kind !== "Action") continue;
    const names = [detectorOf.get(record.damage), detectorOf.get(record.anomaly)];
    const parent = names.flatMap((name) => (name === undefined ? [] : (spans.get(name) ?? [])))[0] ?? block;
    const attributes = { "testudo.action": record.id, "testudo.target": record.target };
    actions.set(record.id, tracer.startSpan("action", { startTime: atMs, attributes }, under(parent)));
  }
}

function followActions(actions: Map<Hex, Span>, { records }: Commit, atMs: number): void {
  for (const record of records) {
    const span = record.kind === "ActionStatus" ? actions.get(record.action) : undefined;
    if (span === undefined || record.kind !== "ActionStatus") continue;
    span.addEvent(record.state, {}, atMs);
    // In force is what it was for; the rest of its life may last for days.
    if (record.state !== "active" && !isTerminal(record.state)) continue;
    span.setAttribute("testudo.action.state", record.state);
    span.end(atMs);
    actions.delete(record.action);
  }
}

/** Where the environment says that spans go, as OpenTelemetry names it; undefined: nowhere. Throws UsageError for what is no such place. */
export function traceTargetOf(environment: NodeJS.ProcessEnv): TraceTarget | undefined {
  if (environment.OTEL_SDK_DISABLED === "true") return undefined;
  const base = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  const own = environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const url = own || (base && `${base.replace(/\/+$/, "")}/v1/traces`);
  if (!url) return undefined;
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ""))
    throw new UsageError(
      `${own ? "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" : "OTEL_EXPORTER_OTLP_ENDPOINT"} is no address of an OTLP/HTTP receiver.`,
      "It begins with http:// or https://, and is taken from the environment.",
      "Correct it, or start with OTEL_SDK_DISABLED=true to send no spans.",
    );
  // The exporter itself reads OTEL_EXPORTER_OTLP_HEADERS.
  return { url, serviceName: environment.OTEL_SERVICE_NAME ?? "testudo" };
}
