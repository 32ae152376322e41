// Writes contracts/test/vectors/compact.json from the built twin: `node scripts/vectors/compact.mjs`. The same file each
// time.
import { compactDown, compactUp } from "../../packages/core/dist/math/compact.js";
import { publish } from "./publish.mjs";
import { seeded, writeRows } from "./seeded.mjs";

const random = seeded(0x7e57_0016n);
const most = (1n << 128n) - 1n;
const corners = [0n, 39n, 40n, 41n, 80n, 127n].flatMap((bit) => [0n, 1n, -1n].map((more) => (1n << bit) + more));
const anyValues = Array.from({ length: 70 }, () => random.logBetween(0n, most));
const rows = [...corners, most - 1n, most, ...anyValues].map((value) => [value, compactUp(value), compactDown(value)]);
publish("compact", writeRows({ values: { columns: ["value", "up", "down"], rows } }));
