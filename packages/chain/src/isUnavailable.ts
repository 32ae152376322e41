import type { StateAnswer } from "@testudo/core/model/StateRead";

/** Whether `answer` says that nobody could tell, and nothing of the chain. */
export function isUnavailable(answer: StateAnswer): boolean {
  return !answer.ok && answer.error.startsWith("unavailable");
}
