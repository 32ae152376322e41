import { z } from "zod";
import { foldHistory, type JudgedHistory } from "../../store/foldHistory.ts";
import type { FalseAlarmView } from "../../store/listFalseAlarms.ts";
import type { FindingView } from "../../store/listViews.ts";
import type { ServerClient } from "./serverClient.ts";

const whole = z.string().regex(/^\d+$/).transform(BigInt);
const finding = z.looseObject({
  ...{ id: z.string(), detector: z.string(), version: z.string(), class: z.string(), subject: z.string() },
  ...{ chainId: z.number(), score: z.number(), timestamp: whole, blockNumber: whole },
  evidence: z.record(z.string(), z.unknown()),
});
const views = z.array(
  z.object({ seq: z.number(), finding, status: z.nullable(z.looseObject({ chain: z.string(), work: z.string() })) }),
);
const review = z.looseObject({ id: z.string(), verdict: z.string(), actor: z.string(), note: z.string() });
const alarms = z.array(
  z.looseObject({
    ...{ seq: z.number(), state: z.string() },
    alarm: z.looseObject({ finding, actor: z.string(), note: z.string(), review: review.optional() }),
  }),
);

const pageSize = 500;

/** What people said of the findings that `server` has, as `readJudged` reads it where none runs. */
export async function readServed(server: ServerClient): Promise<JudgedHistory> {
  const found = await allOf(server, "/findings", (body) => views.parse((body as { findings: unknown }).findings));
  const marked = await allOf(server, "/false-alarms", (body) =>
    alarms.parse((body as { falseAlarms: unknown }).falseAlarms),
  );
  const known = found.map(({ status, ...view }) => ({ ...view, status: status ?? undefined }));
  return foldHistory(known as unknown as FindingView[], marked as unknown as FalseAlarmView[]);
}

async function allOf<T extends { readonly seq: number }>(
  server: ServerClient,
  path: string,
  parse: (body: unknown) => readonly T[],
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let before = ""; ; ) {
    const page = parse(await server.get(`${path}?limit=${pageSize}${before}`));
    all.push(...page);
    if (page.length < pageSize) return all;
    before = `&before=${page.at(-1)!.seq}`;
  }
}
