/** How a watch is watched. Whatever is left out is off; metrics and health are always there. */
export interface Observability {
  /** Spans over OTLP/HTTP: the whole URL of the receiver, and headers for it. Left out: what OTEL_EXPORTER_OTLP_ENDPOINT says. */
  readonly traces?: { readonly url: string; readonly headers?: Readonly<Record<string, string>> };
  /** A receiver outside that pages when it hears nothing (SELF-02). With secrets the request is signed like a webhook. */
  readonly heartbeat?: { readonly url: string; readonly secrets: readonly string[]; readonly everySeconds: number };
  /** Another watch over the same protocol: its HTTP interface, and how long it has to find what this one found (SELF-04). */
  readonly peer?: { readonly url: string; readonly graceSeconds: number; readonly everySeconds: number };
}
