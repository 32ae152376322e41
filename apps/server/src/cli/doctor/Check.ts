/** One line of the doctor's report. What is not ok has a way out. */
export type Check =
  | { readonly level: "ok"; readonly name: string; readonly text: string }
  | { readonly level: "warn" | "fail"; readonly name: string; readonly text: string; readonly wayOut: string };

export function ok(name: string, text: string): Check {
  return { level: "ok", name, text };
}

export function warn(name: string, text: string, wayOut: string): Check {
  return { level: "warn", name, text, wayOut };
}

export function fail(name: string, text: string, wayOut: string): Check {
  return { level: "fail", name, text, wayOut };
}

/** The first line of an error, and its last as the way out where it has several. */
export function failOf(name: string, error: unknown): Check {
  const [text = "", ...rest] = (error instanceof Error ? error.message : String(error)).split("\n- ");
  return fail(name, text, rest.join(" ") || "Set DEBUG=1 and try again.");
}
