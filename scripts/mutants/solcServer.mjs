// npm's solc kept warm: a process that has just begun compiles two to three times slower, and forge begins one each time.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const client = fileURLToPath(new URL("solcClient.mjs", import.meta.url));

/**
 * Serves standard JSON on a socket, one request a connection. Returns `{ settings, close }`; with `settings` in its
 * environment forge asks this compiler.
 */
export async function serveSolc() {
  const solc = require("solc");
  const folder = mkdtempSync(join(tmpdir(), "testudo-solc-"));
  const socket = join(folder, "s");
  const answers = new Map();
  const server = createServer({ allowHalfOpen: true }, (connection) => serve(connection, solc, answers));
  await new Promise((done, fail) => server.once("error", fail).listen(socket, done));
  return {
    settings: { FOUNDRY_SOLC: client, TESTUDO_SOLC_SOCKET: socket, TESTUDO_SOLC_VERSION: solc.version() },
    close: () => server.close(() => rmSync(folder, { recursive: true, force: true })),
  };
}

function serve(connection, solc, answers) {
  let request = "";
  // A forge that was ended does not wait for its answer.
  connection.on("error", () => connection.destroy());
  connection.setEncoding("utf8").on("data", (chunk) => {
    request += chunk;
  });
  connection.on("end", () => connection.end(answerOf(request, solc, answers)));
}

// To find the tests that a run asks for, forge has the interfaces of all sources compiled each time. No mutant changes one,
// so that an answer holds for every later request about the same tests.
function answerOf(request, solc, answers) {
  const { sources, settings } = JSON.parse(request);
  const asked = Object.values(settings.outputSelection).flatMap((file) => Object.values(file).flat());
  if (asked.some((output) => output !== "abi")) return solc.compile(request);
  const tests = Object.entries(sources).filter(([path]) => path.startsWith("contracts/test/"));
  const key = createHash("sha256").update(JSON.stringify(tests)).digest("hex");
  if (!answers.has(key)) answers.set(key, solc.compile(request));
  return answers.get(key);
}
