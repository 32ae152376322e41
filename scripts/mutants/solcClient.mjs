#!/usr/bin/env node
// What forge takes for solc: hands its request to `serveSolc` of the process that began forge.
import { createReadStream } from "node:fs";
import { connect } from "node:net";

const args = process.argv.slice(2);
const { TESTUDO_SOLC_SOCKET, TESTUDO_SOLC_VERSION } = process.env;

if (args.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${TESTUDO_SOLC_VERSION}\n`);
} else {
  const file = args.find((arg) => arg.endsWith(".json"));
  const socket = connect({ path: TESTUDO_SOLC_SOCKET, allowHalfOpen: true });
  (file ? createReadStream(file) : process.stdin).pipe(socket);
  socket.pipe(process.stdout);
}
