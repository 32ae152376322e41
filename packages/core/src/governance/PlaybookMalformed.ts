/** What a playbook says cannot be meant. Not retryable. */
export class PlaybookMalformed extends Error {
  override readonly name = "PlaybookMalformed";
  constructor(what: string, allowed: string) {
    super(`${what}\n- ${allowed}\n- Correct it in the playbook.`);
  }
}
