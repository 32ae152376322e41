#!/usr/bin/env node
import { existsSync } from "node:fs";

const main = new URL("../dist/cli/main.js", import.meta.url);
if (!existsSync(main)) {
  process.stderr.write("testudo is not built yet.\n- Run `npm run build` in the project's root folder.\n");
  process.exit(1);
}
await import(main.href);
