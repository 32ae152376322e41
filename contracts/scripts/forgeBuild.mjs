// Compiles sources and tests for forge, so that its suite begins at once afterwards. A SIGTERM ends the compiler, too.
import { forge } from "./forge.mjs";

const end = new AbortController();
process.once("SIGTERM", () => end.abort());
try {
  const { code, stdout } = await forge(["build", "--color", "never"], () => {}, end.signal);
  if (code !== 0) process.stderr.write(stdout);
  process.exitCode = code;
} catch (error) {
  if (error.name !== "AbortError") throw error;
  process.exitCode = 1;
}
