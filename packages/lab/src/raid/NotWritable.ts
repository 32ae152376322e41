/** A find has something that a Foundry test cannot say. Not retryable. */
export class NotWritable extends Error {
  override readonly name = "NotWritable";
  constructor(what: string) {
    super(
      [
        `The find cannot be written as a Foundry test: ${what}.`,
        "- Forge is told of code, balances, nonces, storage, blocks, calls and creations.",
        "- Replay its capsule in place of it (docs/capsule.md).",
      ].join("\n"),
    );
  }
}
