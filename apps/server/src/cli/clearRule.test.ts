// How guardians take a rule back: each signs what a file or a server shows, and one makes the call.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { guardianCouncil } from "@testudo/contracts";
import type { RuleAction } from "@testudo/core/model/Action";
import { canonicalJson } from "@testudo/core/model/canonicalJson";
import type { Hex } from "@testudo/core/model/Hex";
import { hashOf, identify } from "@testudo/core/model/Record";
import { decodeFunctionData } from "viem/utils";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encryptKey } from "../keystore/Keystore.ts";
import { localSigner } from "../keystore/localSigner.ts";
import { toTypedMessage } from "../operator/toTypedMessage.ts";
import { openPlace, type Place } from "./place.testkit.ts";

const keys = ["11", "22"].map((byte): Hex => `0x${byte.repeat(32)}`);
const signers = keys.map(localSigner);
const now = BigInt(Math.floor(Date.now() / 1_000));
const target = `0x${"ab".repeat(20)}` as const;
const ruled: RuleAction = identify({
  kind: "Action",
  from: [hashOf("decision")],
  type: "guardRule",
  chainId: 31_337,
  council: `0x${"c0".repeat(20)}`,
  breaker: `0x${"b0".repeat(20)}`,
  program: `0x${"d0".repeat(20)}`,
  target,
  selectors: ["0x2e1a7d4d"],
  rule: { target, selector: "0x2e1a7d4d", kind: "ARG_MAX", argIndex: 0, bound: 1_000n },
  until: now + 3_600n,
  reason: hashOf("small-withdrawals"),
  evidence: hashOf("decision"),
  deadline: now + 600n,
  incident: hashOf("incident"),
  anomaly: hashOf("anomaly"),
  damage: hashOf("damage"),
  quorum: 0,
  playbook: "small-withdrawals",
});

let place: Place;
beforeEach(async () => {
  place = openPlace();
  write("pw", "long enough\n");
  const cheap = { salt: Buffer.alloc(32), iv: Buffer.alloc(16), cost: { n: 2, r: 1, p: 1 } };
  for (const [i, key] of keys.entries())
    write(`${i}.json`, JSON.stringify(await encryptKey(Buffer.from(key.slice(2), "hex"), "long enough", cheap)));
  propose(ruled);
});
afterEach(() => place.remove());

const write = (name: string, text: string) => writeFileSync(join(place.folder, name), text, { mode: 0o600 });
const propose = (action: object) => write("proposal.json", canonicalJson({ action, approvals: [] }));
const clear = (...more: readonly string[]) =>
  place.run("guardian", "clear-rule", "--action", ruled.id, "--proposal", "proposal.json", ...more);
const pins = ["--yes", "--chain", "31337", "--council", ruled.council] as const;
const signWith = (i: number, ...more: readonly string[]) =>
  clear("--keystore", `${i}.json`, "--password-file", "pw", ...(more.length === 0 ? pins : more));

describe("LAB-22: a deployed rule is reversible in one call", () => {
  test("two guardians sign, and the call of the council holds both signatures over this very rule", async () => {
    for (const i of [0, 1]) {
      const { code, out, err } = await signWith(i);
      expect(code).toBe(0);
      expect(err).toContain("signers   m1 of the council take it back, 2 at least; none set it");
      expect(err).toContain("rule      ARG_MAX 0x2e1a7d4d, word 0, 1000");
      expect(JSON.parse(out)).toMatchObject({ action: ruled.id, signer: signers[i]!.address });
      write(`signed${i}.json`, out);
    }
    const { code, out } = await clear("--signatures", "signed0.json", "signed1.json");
    expect(code).toBe(0);
    const { to, data } = JSON.parse(out) as { to: Hex; data: Hex };
    expect(to).toBe(ruled.council);
    const { functionName, args } = decodeFunctionData({ abi: guardianCouncil.abi, data });
    expect([functionName, args[0]]).toMatchObject([
      "clearRuleBySig",
      { selector: "0x2e1a7d4d", nonce: BigInt(ruled.id) },
    ]);
    const own = await Promise.all(signers.map((signer) => signer.signTypedData(toTypedMessage(ruled))));
    expect(new Set(args[1] as readonly Hex[])).toEqual(new Set(own));
  });

  test("error: one guardian's signature, however often it is named, makes no call", async () => {
    write("signed.json", (await signWith(0)).out);
    for (const files of [["signed.json"], ["signed.json", "signed.json"]]) {
      const { code, out, err } = await clear("--signatures", ...files);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toContain("1 guardian has signed: 1 more at least is missing.");
    }
  });

  test.each([
    ["altered", { ...ruled, chainId: 1 }, "it was altered"],
    ["over", identify({ ...withoutId(ruled), until: now - 1n }), "its rule ended at"],
  ])("error: nothing is signed for a rule that is %s", async (_, action, text) => {
    propose(action);
    const { code, out, err } = await clear(
      "--keystore",
      "0.json",
      "--password-file",
      "pw",
      ...pins,
      "--action",
      action.id,
    );
    expect(err).toContain(text);
    expect({ code, out }).toEqual({ code: 1, out: "" });
  });

  test("error: neither key nor signatures, a signature of another action, nobody to confirm", async () => {
    expect((await clear()).err).toContain("Neither --keystore nor --signatures is given.");
    write(
      "other.json",
      JSON.stringify({ action: hashOf("other"), signer: signers[0]!.address, signature: `0x${"00".repeat(65)}` }),
    );
    expect((await clear("--signatures", "other.json")).err).toContain("is about another action");
    expect((await signWith(0, "--chain", "31337", "--council", ruled.council)).err).toContain(
      "Nobody is here to confirm.",
    );
  });
});

function withoutId<T extends { readonly id: unknown }>({ id: _, ...body }: T): Omit<T, "id"> {
  return body;
}
