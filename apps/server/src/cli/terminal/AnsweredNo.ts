/** The answer is no: a check failed. The text has been printed already; the program ends with exit code 1. */
export class AnsweredNo extends Error {
  override readonly name = "AnsweredNo";
}
