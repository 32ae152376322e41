/** The groups that operations are shown in, and what they are about. */
export const tags = {
  alerts: "What was found, and what people say of it.",
  actions: "What is done about it on chain, and guardians' signatures.",
  reports: "Ways to do harm that have not been gone.",
  judgement: "Single transactions, judged at once.",
  channels: "Whom it is told.",
  server: "How the server is.",
} as const;
type Tag = keyof typeof tags;

/** What an operation is called in an OpenAPI description: `operationId` becomes the function's name in a generated client. */
export function operation(tag: Tag, operationId: string, summary: string) {
  return { tags: [tag], operationId, summary };
}
