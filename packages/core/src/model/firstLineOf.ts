/** What `error` says first: our errors go on with what is allowed and a way out, which belong elsewhere in a sentence. */
export function firstLineOf(error: unknown): string {
  try {
    return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
  } catch {
    // Other people's code throws anything.
    return "something that has no text";
  }
}
