import type { Party } from "@testudo/lab/forensics/Report";

/** What a party is called: who is protected is no mere counterparty. */
export function roleShown({ role, isProtected }: Party): string {
  return isProtected && role === "counterparty" ? "protected" : role;
}
