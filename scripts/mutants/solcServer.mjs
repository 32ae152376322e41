// npm's solc kept warm: a process that has just begun compiles two to three times slower, and forge begins one each time.
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
  const server = createServer({ allowHalfOpen: true }, (connection) => serve(connection, solc));
  await new Promise((done, fail) => server.once("error", fail).listen(socket, done));
  return {
    settings: { FOUNDRY_SOLC: client, TESTUDO_SOLC_SOCKET: socket, TESTUDO_SOLC_VERSION: solc.version() },
    close: () => server.close(() => rmSync(folder, { recursive: true, force: true })),
  };
}

function serve(connection, solc) {
  let request = "";
  // A forge that was ended does not wait for its answer.
  connection.on("error", () => connection.destroy());
  connection.setEncoding("utf8").on("data", (chunk) => {
    request += chunk;
  });
  connection.on("end", () => connection.end(solc.compile(request)));
}
