import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { detectFiles, type FileVerdict } from "./detectFiles.ts";
import { parseTraceText } from "./parseTraceText.ts";
import { mostCalls } from "./traceLimits.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-trace-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const [thief, contract, vault, token, owner] = ["1", "2", "3", "4", "5"].map((n) => `0x${n.repeat(40)}`) as [
  string,
  string,
  string,
  string,
  string,
];
const word = (hex: string) => hex.replace(/^0x/, "").padStart(64, "0");
/** A router that can be told to spend what somebody else allowed it to. */
const theft = {
  type: "CALL",
  from: thief,
  to: contract,
  input: "0x11",
  calls: [
    {
      type: "CALL",
      from: contract,
      to: vault,
      input: "0x11223344",
      calls: [
        {
          type: "CALL",
          from: vault,
          to: token,
          input: `0x23b872dd${word(owner)}${word(contract)}${word("0xde0b6b3a7640000")}`,
          output: null,
        },
      ],
    },
  ],
};
const save = (name: string, content: string | Buffer) => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};
const judge = async (files: readonly string[], protect: readonly string[] = []): Promise<FileVerdict[]> =>
  gather(detectFiles(files, { protect: protect as `0x${string}`[] }, new AbortController().signal));
async function gather(verdicts: AsyncIterable<FileVerdict>): Promise<FileVerdict[]> {
  const all: FileVerdict[] = [];
  for await (const verdict of verdicts) all.push(verdict);
  return all;
}
const errorOf = async (content: string | Buffer) => {
  const [verdict] = await judge([save("bad.json", content)]);
  return "error" in verdict! ? verdict.error : undefined;
};

test("TREE-01: bare, in an answer, packed, in any letter case and with unknown fields, a tree is judged the same", async () => {
  const text = JSON.stringify(theft);
  const upper = text.replace(/0x[0-9a-f]+/g, (hex) => `0x${hex.slice(2).toUpperCase()}`);
  const files = [
    save("bare.json", text),
    save(
      "answer.json",
      JSON.stringify({ jsonrpc: "2.0", id: 1, result: { ...theft, gas: "0x1", extra: { deep: [1] } } }),
    ),
    save("packed.bin", gzipSync(text)),
    save("upper.json", upper),
    save("mark.json", `\ufeff${text}`),
    save("untyped.json", text.replaceAll('"type":"CALL",', "")),
    save("data.json", text.replaceAll('"input":', '"data":')),
  ];
  const verdicts = await judge(files);
  expect(verdicts.map((v) => v.file)).toEqual(files);
  for (const v of verdicts)
    expect(v).toMatchObject({
      detected: true,
      severity: "critical",
      findings: [{ detector: "call-tree", severity: "critical" }],
    });
  expect(Object.keys(verdicts[0]!)).toEqual(["file", "detected", "severity", "findings", "ms"]);
});

test("INT-03: without types, creations and delegations are told by their bytes", () => {
  const address = (digit: string) => `0x${digit.repeat(40)}`;
  const code = `0x6080${"00".repeat(40)}`;
  const inner = [
    { from: address("2"), to: address("3"), input: "0x11223344" },
    { from: address("2"), to: address("4"), input: code, output: code },
    { from: address("2"), to: address("5"), input: "0x55667788" },
  ];
  const tree = parseTraceText(
    JSON.stringify({ from: address("1"), to: address("2"), input: "0x11223344", calls: inner }),
  );
  expect(tree.calls.map(({ type }) => type)).toEqual(["DELEGATECALL", "CREATE", "CALL"]);
  const renamed = JSON.stringify({ from: address("1"), to: address("2"), input: "0x11223344", calls: inner });
  expect(parseTraceText(renamed.replaceAll('"input":', '"data":'))).toEqual(tree);
  const made = { from: address("1"), to: null, input: code, calls: [{ from: address("6"), to: address("3") }] };
  expect(parseTraceText(JSON.stringify(made))).toMatchObject({ type: "CREATE", to: address("6") });
});

test("TREE-02: a bad file gives an error and the rest goes on", async () => {
  const good = save("good.json", JSON.stringify(theft));
  mkdirSync(join(folder, "dir"));
  const verdicts = await judge([join(folder, "none"), good, join(folder, "dir"), "/dev/null", good]);
  expect(verdicts.map((v) => ("error" in v ? v.error.split("\n")[0] : v.severity))).toEqual([
    "There is no such file.",
    "critical",
    "It is a folder.",
    "It is neither a file nor a pipe.",
    "critical",
  ]);
});

test("behavior: with --protect it is judged for those alone", async () => {
  const file = save("theft.json", JSON.stringify(theft));
  const severities = await Promise.all(
    [vault, owner, `0x${"9".repeat(40)}`].map(async (a) => (await judge([file], [a]))[0]),
  );
  expect(severities.map((v) => "severity" in v! && v.severity)).toEqual(["critical", "critical", null]);
});

test("TREE-01: gzip in several members, whatever it says of its length, and letters beyond ASCII are read alike", async () => {
  const text = JSON.stringify({ ...theft, error: null, note: "naïve – 盗" });
  const half = Math.floor(text.length / 2);
  const halves = Buffer.concat([gzipSync(text.slice(0, half)), gzipSync(text.slice(half))]);
  const long = gzipSync(text);
  const [isOf] = await judge([save("plain-letters.json", text)]);
  for (const packed of [halves, long, ...lengths.map((length) => saying(length, long))]) {
    const [verdict] = await judge([save("letters.json.gz", packed)]);
    if (packed !== halves && packed !== long)
      expect(verdict).toHaveProperty("error", expect.stringContaining("no whole gzip file"));
    else expect({ ...verdict, file: "", ms: 0 }).toEqual({ ...isOf, file: "", ms: 0 });
  }
});

// What is wrong about the length is found after all has been unpacked.
const lengths = [0, 1, 0xffffffff];
function saying(length: number, packed: Buffer): Buffer {
  const copy = Buffer.from(packed);
  copy.writeUInt32LE(length, copy.length - 4);
  return copy;
}

test.each([
  ["no JSON", "nonsense", "It is no JSON: "],
  ["nothing", "", "It is no JSON: "],
  ["a list", "[]", "It is a list, no object."],
  ["a number", "17", "It is 17, no object."],
  ["a node's error", '{"jsonrpc":"2.0","error":{"code":-32000}}', 'The node answered with an error: {"code":-32000}.'],
  ["a block's traces", '{"jsonrpc":"2.0","result":[]}', "The answer's result is []."],
  ["a field twice", '{"from":"0x","from":"0x"}', "An object names one field twice."],
  ["a field twice, written otherwise", '{"from":"0x","\\u0066rom":"0x"}', "An object names one field twice."],
  ["a wrong type", JSON.stringify({ ...theft, from: 17 }), "Call tree: frame.from is 17."],
  ["a wrong list", JSON.stringify({ ...theft, calls: {} }), "Call tree: frame.calls is {}."],
  ["a number too large", JSON.stringify({ ...theft, value: `0x1${"0".repeat(64)}` }), "Call tree: frame.value is "],
  ["an infinite number", JSON.stringify(theft).replace("{", '{"value":1e999,'), "Call tree: frame.value is null."],
  ["half a gzip file", gzipSync(JSON.stringify(theft)).subarray(0, 40), "It is no whole gzip file: "],
])("error: %s", async (_, content, text) => {
  expect(await errorOf(content)).toContain(text);
});

test("error: a tree that is deeper than the EVM's", async () => {
  const open = `{"type":"CALL","from":"${thief}","to":"${thief}","calls":[`;
  expect(await errorOf(`${open.repeat(20_000)}${"]}".repeat(20_000)}`)).toContain("at most 1100 calls deep");
});

test("TREE-02: an answer without a tree that nests as deep as its file is long ends no others", async () => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  expect(await errorOf(`{"jsonrpc":"2.0","error":${deep}}`)).toContain(
    "The node answered with an error: (nested too deep",
  );
  expect(await errorOf(`{"jsonrpc":"2.0","result":${deep}}`)).toContain("The answer's result is (nested too deep");
});

test("TREE-02: what hides behind as many calls as a transaction has gas for is found as without them", async () => {
  const idle = { type: "STATICCALL", from: contract, to: owner };
  const hidden = { ...theft, calls: [...Array.from({ length: 140_000 }, () => idle), ...theft.calls] };
  const [bare, found] = await judge([
    save("bare.json", JSON.stringify(theft)),
    save("hidden.json", JSON.stringify(hidden)),
  ]);
  expect(found).toMatchObject({ detected: true, severity: "critical" });
  expect(found).toEqual({ ...bare, file: found!.file, ms: (found as { ms: number }).ms });
});

test("error: more calls than a block has gas for", async () => {
  const leaf = JSON.stringify({ type: "CALL", from: thief, to: thief });
  const tree = `{"type":"CALL","from":"${thief}","to":"${thief}","calls":[${`${leaf},`.repeat(mostCalls)}${leaf}]}`;
  expect(await errorOf(tree)).toContain(`The tree has more than ${mostCalls} calls.`);
});

test("error: a small file that unpacks to a large one", async () => {
  expect(await errorOf(gzipSync(Buffer.alloc(80 * 1024 * 1024, 0x20), { level: 1 }))).toContain(
    "It has more than 67108864 bytes.",
  );
});

test("TREE-02: whatever JSON a file holds, it gives a verdict or an error", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.jsonValue().map((calls) => JSON.stringify({ ...theft, calls })),
      ),
      async (text) => {
        const [verdict] = await judge([save("any.json", text)]);
        expect("error" in verdict! || "severity" in verdict!).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

test("behavior: it stops between two files when it is told to", async () => {
  const file = save("one.json", JSON.stringify(theft));
  const stop = new AbortController();
  const seen: FileVerdict[] = [];
  for await (const verdict of detectFiles([file, file, file], {}, stop.signal)) {
    seen.push(verdict);
    stop.abort();
  }
  expect(seen).toHaveLength(1);
});
