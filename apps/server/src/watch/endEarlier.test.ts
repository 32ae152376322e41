import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Input } from "@testudo/core/model/Input";
import type { Cells } from "@testudo/core/model/Memory";
import type { Commit } from "@testudo/core/model/Output";
import { expect, test } from "vitest";
import { endingEarlier } from "./endEarlier.ts";

const cells = new Map<string, unknown>([
  ["c/trouble/endpoint-down http://one", { dedupKey: "0x01" }],
  ["c/trouble/endpoint-down http://two", { dedupKey: "0x02" }],
  ["c/trouble/endpoint-lags http://two", { dedupKey: "0x03" }],
  ["c/trouble/endpoint-down http://three", { dedupKey: "0x04", overAt: 7n, note: "back" }],
  ["c/trouble/no-block stream", { dedupKey: "0x05" }],
  ["c/finding/0x01", {}],
]) as unknown as Cells;
const commit = (...remarks: readonly (readonly [actor: string, text: string])[]) =>
  ({
    records: remarks.map(([actor, text]) => ({ kind: "Remark", topic: "trouble", actor, text })),
  }) as unknown as Commit;

test("SELF-01: what an earlier run has told, and nobody saw the end of, is over at the first live block unless it is told again", () => {
  const told: Input[] = [];
  const end = endingEarlier(cells, (input) => void told.push(input));
  end(commit(["http://two", "endpoint-down: away"]), false);
  end(commit(["http://one", "endpoint-lags: 3 behind"]), false);
  expect(told).toEqual([]);
  end(commit(), true);
  end(commit(), true);
  expect(told.map((input) => [(input as StreamTrouble).over, (input as StreamTrouble).endpoint])).toEqual([
    ["endpoint-down", "http://one"],
    ["endpoint-lags", "http://two"],
    ["no-block", undefined],
  ]);
});

test("SELF-01: what this run has seen the end of is not ended twice", () => {
  const told: Input[] = [];
  const end = endingEarlier(cells, (input) => void told.push(input));
  end(commit(["stream", "recovered from no-block: Block 7 has arrived."]), true);
  expect(told.map((input) => (input as StreamTrouble).over)).toEqual([
    "endpoint-down",
    "endpoint-down",
    "endpoint-lags",
  ]);
});

test("SELF-01: what this run has seen the end of says nothing of what else was told of the same part", () => {
  const told: Input[] = [];
  const end = endingEarlier(cells, (input) => void told.push(input));
  end(
    commit(["http://two", "endpoint-lags: 3 behind"], ["http://two", "recovered from endpoint-lags: near again"]),
    true,
  );
  expect(told.map((input) => [(input as StreamTrouble).over, (input as StreamTrouble).endpoint])).toEqual([
    ["endpoint-down", "http://one"],
    ["endpoint-down", "http://two"],
    ["no-block", undefined],
  ]);
});

test("SELF-01: whoever is well again in this run, whatever it was, is ended by that", () => {
  const told: Input[] = [];
  const end = endingEarlier(cells, (input) => void told.push(input));
  end(commit(["http://two", "recovered: well"]), true);
  expect(told.map((input) => (input as StreamTrouble).endpoint)).toEqual(["http://one", undefined]);
});
