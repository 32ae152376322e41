import { userInfo } from "node:os";

/** Who gives an order: the account's name, for the record. */
export function actorName(): string {
  try {
    return userInfo().username;
  } catch {
    // Containers run under numbers that have no name.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
