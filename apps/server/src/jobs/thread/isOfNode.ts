/** Names the error of an answer that a node gave and that cannot go to another thread. */
export const answerUnsent = "AnswerUnsent";

/** Whether an error of this name, which another thread has thrown, is a node's: it did not give what was asked of it. */
export function isOfNode(name: string): boolean {
  return name === answerUnsent || /^(Rpc|BlockUnknown)/.test(name);
}
