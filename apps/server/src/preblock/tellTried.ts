import type { ProbeResult } from "@testudo/lab/probe/probeContract";

/** What a probe tried, in a line: templates, guided calls with what they covered and waited for, functions, and the budget. */
export function tellTried({ calls, isTried, guided, functions, reached, ms, limits }: ProbeResult): string {
  const templates = `${calls} calls of templates${isTried ? "" : ", not all of them"}`;
  const search = guided === undefined ? [] : [tellSearch(guided)];
  const names = `${reached.length} of ${functions.length} functions reached`;
  return [templates, ...search, names, `${ms} of ${limits.ms} ms`].join("; ");
}

function tellSearch({ calls, blocks, waiting, missing, unended, isFull }: NonNullable<ProbeResult["guided"]>): string {
  const kept = [`${blocks.ran} of ${blocks.all} blocks run`];
  if (waiting > 0) kept.push(`${waiting} wait for state`);
  if (missing > 0) kept.push(`${missing} never had it`);
  if (unended > 0) kept.push(`${unended} want more gas`);
  if (isFull) kept.push("more was suspected than is looked at");
  return `${calls} guided calls (${kept.join(", ")})`;
}
