/** Writes a line to standard output. */
export function printLine(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a line to standard error: what a person shall see and a pipe shall not get. */
export function printNote(text: string): void {
  process.stderr.write(`${text}\n`);
}
