import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Hex } from "@testudo/core/model/Hex";
import { afterEach, expect, test } from "vitest";
import { findMeant, type Order, type Shelf, sayOf } from "./sayOfFindings.ts";

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const id = (digits: string): Hex => `0x${digits.padEnd(64, "0")}`;
const finding = (own: string, key: string) => ({
  seq: 1,
  finding: { id: id(own), dedupKey: id(key), detector: "drain", reason: "" },
});
const incident = (own: string, ...findings: readonly string[]) => ({
  seq: 1,
  incident: { incident: id(own), findings: findings.map(id) },
});

const shelf: Shelf = {
  findings: async () => [
    finding("a1", "aaaaaaaa1"),
    finding("a2", "aaaaaaaa1"),
    finding("b1", "bbbbbbbb1"),
    finding("b2", "bbbbbbbb2"),
    finding("cccccccc1", "c1"),
    finding("d1", "dddddddd1"),
    finding("e1", "e2"),
    finding("f1", "f2"),
  ],
  incidents: async () => [incident("dddddddd2", "b1"), incident("eeeeeeee1", "e1"), incident("eeeeeeee2", "f1")],
};
const meant = async (given: string) =>
  (await findMeant(given, () => true, shelf)).map(({ id: own }) => own.replace(/^0x|0+$/g, ""));

test("FIND-08: an id means one finding, one alert with all that stands under it, or one incident with all of its findings", async () => {
  expect(await meant("cccccccc")).toEqual(["cccccccc1"]);
  expect(await meant("0xAAAAAAAA")).toEqual(["a1", "a2"]);
  expect(await meant("eeeeeeee1")).toEqual(["e1"]);
});

test.each(["bbbbbbbb", "dddddddd", "eeeeeeee"])("error: %s, which fits two, means none of them", async (given) => {
  await expect(meant(given)).rejects.toThrow(`"${given}" fits 2 findings and incidents.`);
});

test("error: what fits nothing, or is too short, is refused", async () => {
  for (const given of ["99999999", "aaaaaaa", ""]) await expect(meant(given)).rejects.toThrow("There is no finding");
});

/** A server with `shelf`, at which somebody settles `fast` right before it is said of it. */
async function serve(fast: readonly Hex[]) {
  const said: string[] = [];
  const server = createServer(async (request, response) => {
    const [, what, of] = new URL(request.url!, "http://a").pathname.split("/");
    const isDone = request.method === "POST" && fast.includes(of as Hex);
    if (request.method === "POST" && !isDone) said.push(of!.replace(/^0x|0+$/g, ""));
    response.statusCode = isDone ? 409 : 200;
    const page = what === "findings" ? await shelf.findings(undefined) : await shelf.incidents(undefined);
    response.end(
      JSON.stringify(isDone ? { error: { code: "state", message: "resolved already" } } : { [what!]: page }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { said, flags: { data: "/nowhere", server: `http://127.0.0.1:${port}` } };
}

test("FIND-08: what somebody else settles meanwhile keeps nothing from the rest of an alert", async () => {
  const order: Order = {
    isLeft: () => true,
    path: "resolve",
    said: { note: "" },
    toInput: () => {
      throw new Error("a server runs");
    },
  };
  const { said, flags } = await serve([id("a1")]);
  expect((await sayOf("aaaaaaaa", order, flags)).map((one) => one.id)).toEqual([id("a2")]);
  expect(said).toEqual(["a2"]);
  const all = await serve([id("a1"), id("a2")]);
  await expect(sayOf("aaaaaaaa", order, all.flags)).rejects.toThrow('Nothing of "aaaaaaaa" is open.');
});
