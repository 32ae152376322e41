import { execFile } from "node:child_process";
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeFunctionData, parseAbi } from "viem/utils";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { reportSchema } from "../forensics/reportSchema.testkit.ts";
import { openPlace, type Place, type Ran } from "./place.testkit.ts";

const bin = fileURLToPath(new URL("../../bin/testudo.js", import.meta.url));

let place: Place;
beforeEach(() => {
  place = openPlace();
});
afterEach(() => place.remove());

const address = (n: number) => `0x${n.toString(16).padStart(40, "0")}`;
const put = (name: string, value: unknown) => writeFileSync(join(place.folder, name), JSON.stringify(value));

// Signed by the key of 32 bytes 0x11 on chain 1: one wei to nobody, at 10 wei a gas.
const sender = "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a";
const signed =
  "0xf85f800a8252089400000000000000000000000000000000000000d1018025a01adc1c39b7285194c8afe09a405580189ffd327e337b533eb346b9f9d436c4caa009157561f93cc4896292227121fa67483b677750f9c24c6558bbb151278216fa";
const config = { chainId: 1, homesteadBlock: 0, eip150Block: 0, eip155Block: 0, eip158Block: 0, byzantiumBlock: 0 };
const transfer = (gasUsed: string) => ({
  genesis: { alloc: { [sender]: { balance: "0xde0b6b3a7640000" } }, config },
  context: { number: "1", timestamp: "1000", difficulty: "131072", gasLimit: "8000000", miner: address(0xc0) },
  input: signed,
  result: { type: "CALL", from: sender, to: address(0xd1), value: "0x1", gas: "0x5208", gasUsed, input: "0x" },
});
describe("testudo forensics --fixture", () => {
  test("LAB-17: one line of JSON a file; 1 at the first that differs, which is the last that is told", async () => {
    put("good.json", transfer("0x5208"));
    put("bad.json", transfer("0x5209"));
    const { code, out } = await place.run("forensics", "--json", "--fixture", "good.json", "bad.json", "good.json");
    expect(code).toBe(1);
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { file: "good.json", kind: "call", agrees: true, difference: null },
      {
        file: "bad.json",
        kind: "call",
        agrees: false,
        difference: { path: "gasUsed", expected: "0x5209", got: "0x5208", engine: "ethereumjs" },
      },
    ]);
  });

  test("LAB-17: all that agree end with 0, and a person reads which they were", async () => {
    put("good.json", transfer("0x5208"));
    const { code, out } = await place.run("forensics", "--fixture", "good.json");
    expect([code, out]).toEqual([0, "agrees   good.json (call tree)\n"]);
  });

  test.each([
    ["is none", "{}", "is no tracer fixture"],
    ["is not there", undefined, "is not there"],
  ])("error: a file that %s", async (_, text, said) => {
    if (text !== undefined) writeFileSync(join(place.folder, "x.json"), text);
    const { code, err } = await place.run("forensics", "--fixture", "x.json");
    expect(code).toBe(2);
    expect(err).toContain(said);
  });
});

describe("testudo forensics FILE", () => {
  /** The program in a shell that first does `begin`, its output through a pipe. */
  const limited = (begin: string, ...args: string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const line = `${begin}; { "$0" "$@"; echo $? > "$CODE"; } | cat`;
      const code = join(tmpdir(), `testudo-code-${process.pid}-${Math.random()}`);
      execFile(
        "sh",
        ["-c", line, process.execPath, bin, ...args],
        { cwd: place.folder, env: { ...process.env, CODE: code } },
        (_, out, err) => {
          const told = Number(readFileSync(code, "utf8"));
          rmSync(code);
          resolve({ code: told, out, err });
        },
      );
    });

  // Sends its whole balance to whoever calls.
  const capsule = {
    format: "testudo-capsule/1",
    name: "own",
    chainId: 1,
    block: { number: 20_000_000, timestamp: 1_717_281_407, baseFeePerGas: 7 },
    accounts: {
      [address(0xa1)]: { balance: "0xde0b6b3a7640000", nonce: 0, code: "0x", storage: {} },
      [address(0xd1)]: { balance: "0x1bc16d674ec80000", nonce: 1, code: "0x600060006000600047335af100", storage: {} },
    },
  };
  const taken = {
    from: address(0xa1),
    to: address(0xd1),
    value: "0x0",
    input: "0x12345678",
    gas: "0x30d40",
    nonce: "0x0",
  };

  test("LAB-16: runs the capsule's transaction and prints the report, as JSON, page and STIX", async () => {
    put("capsule.json", { ...capsule, transactions: [taken] });
    const { code, out } = await place.run(
      "forensics",
      "capsule.json",
      "--json",
      "--html",
      "r.html",
      "--stix",
      "r.stix.json",
    );
    const report = JSON.parse(out);
    expect(code).toBe(0);
    expect(reportSchema.parse(report)).toEqual(report);
    expect(report.losses).toEqual([
      {
        party: address(0xd1),
        holder: address(0xd1),
        asset: "native",
        amount: "2000000000000000000",
        held: "2000000000000000000",
        share: 1,
      },
    ]);
    expect(readFileSync(join(place.folder, "r.html"), "utf8")).toContain("<!doctype html>");
    expect(JSON.parse(readFileSync(join(place.folder, "r.stix.json"), "utf8")).type).toBe("bundle");
  });

  test("LAB-16: runs what --tx gives on a state without transactions; a person reads the sentence first", async () => {
    put("capsule.json", capsule);
    put("tx.json", taken);
    const { code, out } = await place.run("forensics", "capsule.json", "--tx", "tx.json");
    expect(code).toBe(0);
    expect(out.split("\n")[0]).toMatch(/^(?:attack|suspicious|ordinary): 0x0000…00a1 /);
  });

  test("LAB-12: names and prices that are given are in the report", async () => {
    const abi = parseAbi(["function sweep(uint256 all)"]);
    const storing = { ...capsule.accounts[address(0xd1)]!, code: "0x6001600055600060006000600047335af100" };
    const accounts = { ...capsule.accounts, [address(0xd1)]: storing };
    const transactions = [{ ...taken, input: encodeFunctionData({ abi, args: [7n] }) }];
    put("capsule.json", { ...capsule, accounts, transactions });
    put("abi.json", { abi });
    put("prices.json", { currency: "USD", prices: { native: 3_000 } });
    put("layout.json", { address: address(0xd1), storage: [{ label: "swept", slot: "0", type: "t_bool" }] });
    const flags = [
      "--abi",
      "abi.json",
      "--prices",
      "prices.json",
      "--layout",
      "layout.json",
      "--protect",
      address(0xd1),
    ];
    const { code, out, err } = await place.run("forensics", "capsule.json", "--json", ...flags);
    expect([code, err]).toEqual([0, ""]);
    const report = JSON.parse(out);
    expect(report.callTree.function).toBe("sweep(uint256)");
    expect(report.callTree.args).toEqual([{ name: "all", type: "uint256", value: "7" }]);
    expect(report.flow.currency).toBe("USD");
    expect(report.parties.find(({ id }: { id: string }) => id === address(0xd1)).worth).toBe(-6_000);
    const changed = report.stateChanges.contracts.find((one: { address: string }) => one.address === address(0xd1));
    expect(changed.slots).toMatchObject([{ name: "swept" }]);
  });

  test.each([
    ["--abi", { abi: 5 }, "holds no ABI"],
    ["--prices", { currency: "USD", prices: { gold: 1 } }, "cannot be used"],
    ["--layout", { storage: [] }, "cannot be used"],
  ])("error: %s with a file of another form", async (flag, content, said) => {
    put("capsule.json", { ...capsule, transactions: [taken] });
    put("x.json", content);
    const { code, err } = await place.run("forensics", "capsule.json", flag, "x.json");
    expect(code).toBe(2);
    expect(err).toContain(said);
  });

  test.each(["--abi", "--prices", "--layout"])("error: %s that is not there is told in words", async (flag) => {
    put("capsule.json", { ...capsule, transactions: [taken] });
    const { code, err } = await place.run("forensics", "capsule.json", flag, "none.json");
    expect(code).toBe(2);
    expect(err).toContain(`${flag} "none.json" cannot be used: it is not there.\n- Allowed: `);
    expect(err).not.toContain("ENOENT");
  });

  test.each(["--html", "--stix"])(
    "error: %s in a folder that is not there is refused before anything runs",
    async (flag) => {
      put("capsule.json", { format: "other" });
      const { code, err } = await place.run("forensics", "capsule.json", flag, "none/x");
      expect([code, err]).toEqual([
        2,
        expect.stringContaining(`${flag} "none/x" cannot be written: there is no folder "none"`),
      ]);
      expect(readdirSync(place.folder)).toEqual(["capsule.json"]);
    },
  );

  test.each(["--html", "--stix"])(
    "LAB-04, LAB-16: %s on a full disk leaves what stood there, and is told; a pipe is written to",
    async (flag) => {
      put("capsule.json", { ...capsule, transactions: [taken] });
      writeFileSync(join(place.folder, "out"), "old");
      // Of 512 bytes, or of 1,024: either is less than a report.
      const full = await limited(`ulimit -f 2`, "forensics", "capsule.json", flag, "out");
      expect([full.code, full.err]).toEqual([2, expect.stringMatching(/"out" cannot be written: .*\n- .*\n- /)]);
      expect(readdirSync(place.folder).toSorted()).toEqual(["capsule.json", "out"]);
      expect(readFileSync(join(place.folder, "out"), "utf8")).toBe("old");
      const piped = await limited("true", "forensics", "capsule.json", "--json", flag, "/dev/stdout");
      expect([piped.code, piped.out.length > 4_096, piped.err]).toEqual([0, true, ""]);
    },
  );

  test("LAB-16: error: a page where a folder is, told before anything runs", async () => {
    put("capsule.json", { format: "other" });
    symlinkSync(".", join(place.folder, "here"));
    const { code, err } = await place.run("forensics", "capsule.json", "--html", "here");
    expect([code, err]).toEqual([2, expect.stringMatching(/"here" is a folder, or leads to one.*\n- .*\n- /)]);
  });

  test.each([
    ["capsule", { hardfork: "foo", transactions: [] }, [{ ...taken }]],
    ["file of transactions", {}, { hardfork: "foo", transactions: [{ ...taken }] }],
    ["capsule, by a name without rules", { hardfork: "bpo3" }, [{ ...taken }]],
  ])("error: unknown rules in a %s are told as a replay tells them", async (_, more, given) => {
    put("capsule.json", { ...capsule, ...more });
    put("tx.json", given);
    const { code, err } = await place.run("forensics", "capsule.json", "--tx", "tx.json");
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/^error: No engine knows the rules "(?:foo|bpo3)"\.\n- Known: .*\n- .*\n$/),
    ]);
  });

  test.each([
    ["a state without transactions", capsule, "is a state without transactions"],
    ["no capsule", { format: "other" }, "is no capsule"],
    ["transactions that are damaged", { ...capsule, transactions: [{ from: "0x1" }] }, "is no capsule"],
  ])("error: %s", async (_, content, said) => {
    put("capsule.json", content);
    const { code, err } = await place.run("forensics", "capsule.json");
    expect(code).toBe(2);
    expect(err).toContain(said);
  });

  test("error: a page or a bundle where something else is, and what is no question of a fixture", async () => {
    put("capsule.json", capsule);
    const before = readFileSync(join(place.folder, "capsule.json"), "utf8");
    for (const flags of [
      ["capsule.json", "--html", "./capsule.json"],
      ["capsule.json", "--html", "one", "--stix", "one"],
    ]) {
      const { code, err } = await place.run("forensics", ...flags);
      expect([code, err]).toEqual([2, expect.stringContaining("is named for two things")]);
    }
    expect(readFileSync(join(place.folder, "capsule.json"), "utf8")).toBe(before);
    const { code, err } = await place.run("forensics", "--fixture", "capsule.json", "--html", "page.html");
    expect([code, err]).toEqual([2, expect.stringContaining("--html is not for --fixture")]);
  });

  test("error: a transaction without a node", async () => {
    const { code, err } = await place.run("forensics", `0x${"ab".repeat(32)}`);
    expect(code).toBe(2);
    expect(err).toContain("no node was named");
  });
});
