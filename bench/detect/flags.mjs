import { parseArgs } from "node:util";

const options = {
  json: { type: "boolean", default: false },
  only: { type: "string" },
  resume: { type: "boolean", default: false },
  rounds: { type: "string", default: "5" },
  blocks: { type: "string", default: "500" },
  "rule-blocks": { type: "string", default: "10000" },
  help: { type: "boolean", default: false },
};

/** The options of `npm run bench:detect`. Throws with what is allowed when one cannot be meant. */
export function readFlags(args, names) {
  const { values } = parseArgs({ args, options });
  const only = values.only === undefined ? names : values.only.split(",");
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no part "${unknown.join('", "')}".\n- Parts are ${names.join(", ")}.\n- Correct --only.`);
  return {
    json: values.json,
    only: names.filter((name) => only.includes(name)),
    resume: values.resume,
    rounds: countOf("--rounds", values.rounds),
    blocks: countOf("--blocks", values.blocks),
    ruleBlocks: countOf("--rule-blocks", values["rule-blocks"]),
    help: values.help,
  };
}

function countOf(flag, text) {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`${flag} "${text}" is no count.\n- Allowed: a whole number from 1 on.\n- Correct it.`);
}

export function helpText(names) {
  return `npm run bench:detect -- [options]
  --json            one JSON object on standard output
  --only A,B        parts: ${names.join(", ")}
  --resume          takes what was measured at this commit already from bench/results/detect
  --rounds N        rounds of the back-scan that count, after one to warm up (default 5)
  --blocks N        blocks of the back-scan (default 500)
  --rule-blocks N   blocks of the rules part (default 10000)
What lies in TESTUDO_DATA is judged where that is set; a part without its data says that it was skipped, and why.
`;
}
