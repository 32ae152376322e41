import type { Address } from "@testudo/core/model/Hex";

/** Throws NotTheProgram where `sender` is not the key that the policy lets send guard rules. */
export function assertProgram(sender: Address, program: Address): void {
  if (sender !== program) throw new NotTheProgram(sender, program);
}

/** The policy's program is somebody else than who sends. Not retryable: the configuration is wrong. */
export class NotTheProgram extends Error {
  override readonly name = "NotTheProgram";
  constructor(sender: Address, program: Address) {
    super(
      [
        `The sender is ${sender}, rules are ${program}'s to send.`,
        "- A rule without a person comes from the key that the breaker has registered as a program.",
        "- Name the sender's address as `policy.rules.program`, and register it at the breaker.",
      ].join("\n"),
    );
  }
}
