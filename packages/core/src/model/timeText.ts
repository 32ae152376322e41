/** A time in Unix seconds as a date, to the second: "2026-01-31 08:00:00 UTC"; the number itself beyond what a date can say. */
export function timeText(seconds: bigint): string {
  const date = new Date(Number(seconds) * 1_000);
  return Number.isNaN(date.getTime())
    ? `second ${seconds}`
    : `${date.toISOString().slice(0, -".000Z".length).replace("T", " ")} UTC`;
}
