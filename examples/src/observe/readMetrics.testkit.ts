/** The samples that `/metrics` shows, by their whole name with labels. */
export async function readMetrics(url: string): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${url}/metrics`);
  const text = await answer.text();
  if (answer.status !== 200 || !answer.headers.get("content-type")?.startsWith("text/plain"))
    throw new Error(`/metrics answered ${answer.status} ${answer.headers.get("content-type")}: ${text.slice(0, 200)}`);
  return new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

/** The sum of all samples whose name begins with `name` and whose labels hold `labels`. */
export function sumOf(samples: ReadonlyMap<string, number>, name: string, ...labels: readonly string[]): number {
  let sum = 0;
  for (const [key, value] of samples)
    if ((key === name || key.startsWith(`${name}{`)) && labels.every((label) => key.includes(label))) sum += value;
  return sum;
}
