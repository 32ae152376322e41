import type { StateAnswer } from "@testudo/core/model/StateRead";

/** Answers of nodes that are asked for again soon, by block and question; the least recently used falls out. */
export interface KeptAnswers {
  recall(key: string): StateAnswer | undefined;
  keep(key: string, answer: StateAnswer): void;
}

// Whoever makes a contract decides how long its answers are, and that we ask it: a token may tell a balance of a megabyte.
const mostChars = 64 * 2 ** 20;

/** Keeps up to `mostEntries`, of 64 Mi characters together. */
export function openKeptAnswers(mostEntries: number): KeptAnswers {
  const answers = new Map<string, StateAnswer>();
  let chars = 0;
  const drop = (key: string) => {
    const answer = answers.get(key);
    if (answer === undefined) return;
    answers.delete(key);
    chars -= lengthOf(key, answer);
  };
  return {
    recall(key) {
      const answer = answers.get(key);
      if (answer === undefined) return undefined;
      answers.delete(key);
      answers.set(key, answer);
      return answer;
    },
    keep(key, answer) {
      drop(key);
      // It would push out all others and not stay itself.
      if (lengthOf(key, answer) > mostChars) return;
      answers.set(key, answer);
      chars += lengthOf(key, answer);
      while (answers.size > mostEntries || chars > mostChars) drop(answers.keys().next().value!);
    },
  };
}

function lengthOf(key: string, answer: StateAnswer): number {
  return key.length + (answer.ok ? answer.value : answer.error).length;
}
