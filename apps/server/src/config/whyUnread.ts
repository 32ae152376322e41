/** Why a file could not be read or parsed, in words: what the system says of it is for programs. */
export function whyUnread(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (cause instanceof SyntaxError) return `it is no JSON: ${message}`;
  if (code === "ENOENT" || code === "ENOTDIR") return "it is not there";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES" || code === "EPERM") return "this account may not read it";
  return cause instanceof Error ? message : String(cause);
}
