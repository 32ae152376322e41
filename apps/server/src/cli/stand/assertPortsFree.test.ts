import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assertPortsFree, ChainPortTaken } from "./assertPortsFree.ts";

let server: Server;
let taken = 0;
let free = 0;
const listen = (each: Server) =>
  new Promise<number>((resolve) => {
    each.listen(0, "127.0.0.1", () => resolve((each.address() as { port: number }).port));
  });
beforeEach(async () => {
  server = createServer();
  const other = createServer();
  [taken, free] = [await listen(server), await listen(other)];
  await new Promise((resolve) => other.close(resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

test("error: the chain's port is taken, which cannot be chosen", async () => {
  const refused = assertPortsFree({ api: free, chain: taken });
  await expect(refused).rejects.toThrow(ChainPortTaken);
  await expect(refused).rejects.toThrow(`Port ${taken} on 127.0.0.1 is in use by another program.\n- With --serve`);
});

test("error: of two taken ports the one that can be chosen is told", async () => {
  const refused = assertPortsFree({ api: taken, chain: taken });
  await expect(refused).rejects.toThrow(`or choose another port with --port ${taken + 1}.`);
});

test("behavior: free ports are left free", async () => {
  await assertPortsFree({ api: free, chain: free });
  await assertPortsFree({ api: free, chain: free });
});
