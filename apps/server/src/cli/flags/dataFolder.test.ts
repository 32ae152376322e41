import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newToken, writeServerFile } from "../../operator/serverFile.ts";
import { openPlace, type Place } from "../place.testkit.ts";

let place: Place;
let server: Server;
let asked: string[];
beforeEach(async () => {
  place = openPlace();
  asked = [];
  server = createServer(({ url = "" }, response) => {
    asked.push(url);
    const refusal = { error: { message: "testudo.config.ts:1:17 does not parse" } };
    response.writeHead(url === "/reload" ? 409 : 200, { "content-type": "application/json" });
    response.end(
      JSON.stringify(url === "/reload" ? refusal : { mode: "shadow", evidence: { sequence: 0, id: "0x0" } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.close();
  place.remove();
});
const configure = (text: string) => writeFileSync(join(place.folder, "testudo.config.ts"), text);
const serveOn = (folder: string, pid = process.pid) => {
  mkdirSync(join(place.folder, folder), { recursive: true });
  const { port } = server.address() as AddressInfo;
  writeServerFile(join(place.folder, folder), { host: "127.0.0.1", port, pid, token: newToken() });
};
const broken = "export default {";

test("RESP-07: status and reload ask the server that runs here while the configuration does not load, and say so", async () => {
  configure(broken);
  serveOn(".testudo");
  const status = await place.run("status");
  expect(status).toMatchObject({ code: 0, out: expect.stringContaining("mode      shadow") });
  expect(status.err).toContain("The data folder is not known: testudo.config.ts:1:17 does not parse");
  expect(status.err).toContain(`Asked is the server of process ${process.pid}, which runs on ".testudo" here.`);
  const reload = await place.run("reload");
  expect(reload.code).toBe(1);
  expect(reload.err).toContain("error: testudo.config.ts:1:17 does not parse");
  expect(asked).toEqual(["/status", "/reload"]);
});

test.each([
  ["speaks of a folder", 'export default { dataDir: "elsewhere",', process.pid],
  ["is broken, and the server has ended", broken, 2 ** 22 - 1],
])("error: nobody is asked where the configuration %s", async (_, text, pid) => {
  configure(text);
  serveOn(".testudo", pid);
  for (const command of ["status", "reload"])
    expect(await place.run(command)).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringContaining("error: The data folder is not known: "),
    });
  expect(asked).toEqual([]);
});

test("RESP-07: kill, arm and disarm guess no folder, though a server runs here", async () => {
  configure(broken);
  serveOn(".testudo");
  for (const command of ["kill", "arm", "disarm"]) {
    const { code, out, err } = await place.run(command, "--reason", "x");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("error: The data folder is not known: ");
  }
  expect(existsSync(join(place.folder, ".testudo", "switch.json"))).toBe(false);
});
