import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const testudo = fileURLToPath(new URL("../../apps/server/bin/testudo.js", import.meta.url));

/**
 * What a Node program prints on standard output; what it says on standard error goes on there. Throws where it ends with
 * another code than 0.
 */
export function runChild(args, { env = {}, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", quiet ? "ignore" : "inherit"],
    });
    const chunks = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString("utf8"));
      else reject(new Error(`${args.slice(0, 3).join(" ")} … ended with ${signal ?? `code ${code}`}.`));
    });
  });
}
