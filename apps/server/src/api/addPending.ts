import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { RpcMalformed } from "@testudo/chain/rpc/RpcError";
import { parsePending } from "@testudo/chain/wire/parsePending";
import { type Hex, toLower } from "@testudo/core/model/Hex";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import type { ApiOptions } from "./Api.ts";
import { answer, refusals, toJson } from "./apiSchema.ts";
import { carries, limitBody, limitCrowd, requireJson, requireToken } from "./guard.ts";
import { operation } from "./operation.ts";
import { readRawTransaction } from "./readRawTransaction.ts";
import { refuse } from "./refuse.ts";

const forms =
  'Allowed: {"raw": "0x…"} with the bytes of a signed transaction, or {"transaction": {"hash": "0x…", "from": "0x…", …}} as eth_getTransactionByHash has it.';
const body = z.union(
  [
    z.strictObject({ raw: z.string().regex(/^0x([0-9a-fA-F]{2})+$/, forms) }),
    z.strictObject({ transaction: z.looseObject({ hash: z.string(), from: z.string() }) }),
  ],
  { error: forms },
);
const verdictSchema = z.looseObject({
  hash: z.string(),
  near: z.string().nullable(),
  outcome: z.enum(["judged", "elsewhere", "reverts", "refused", "far", "unavailable"]),
  severity: z.string().nullable(),
  findings: z.array(z.looseObject({ detector: z.string(), severity: z.string(), reason: z.string() })),
  stateMisses: z.number(),
  ms: z.number(),
});

const route = createRoute({
  ...operation("judgement", "judgePending", "Judge a transaction before it is in a block"),
  method: "post",
  path: "/pending",
  description: "What the detectors say of a transaction that is in no block: signed bytes, or an object of JSON-RPC.",
  security: [{ token: [] }],
  request: { body: { required: true, content: { "application/json": { schema: body } } } },
  responses: {
    200: answer("What came of it on the head's state.", verdictSchema),
    ...refusals,
    503: answer("Too many transactions are shown at once.", refusals[400].content["application/json"].schema),
  },
});

// A creation's code alone may have 96 KiB as text, and the largest transaction that pools take four times as much.
const bodyBytes = 1024 * 1024;
// What is asked for is never dropped, so that those who ask are bounded: one at a time is judged.
const crowd = 256;

/**
 * Adds the way in for a sequencer or relay that shows transactions before it includes them. It needs the server's token or,
 * for signed bytes, which nobody can make up, a relay's own.
 */
export function addPending(app: OpenAPIHono, { judgePending, token, relayToken }: ApiOptions): void {
  const tokens = relayToken === undefined ? [token] : [token, relayToken];
  app.on(
    "POST",
    "/pending",
    requireToken(tokens, "the server's token, or the relay's"),
    requireJson(),
    limitCrowd(crowd),
    limitBody(bodyBytes),
  );
  app.openapi(route, async (c) => {
    if (!("raw" in c.req.valid("json")) && !carries(c.req.header("authorization"), token))
      return refuse(c, 401, "token", "A relay's token lets signed bytes in.\n- Send the transaction as `raw`.");
    if (judgePending === undefined)
      return refuse(c, 409, "state", "This watch judges no pending transactions.\n- Start it with --pending.");
    const tx = await readPending(c.req.valid("json")).catch((error: unknown) => error as Error);
    if (tx instanceof Error) return refuse(c, 400, "transaction", tx.message);
    if (tx === null)
      return refuse(c, 409, "state", "The transaction is in a block already.\n- Blocks are judged anyway.");
    return c.json(toJson(verdictSchema, await judgePending(tx)), 200);
  });
}

async function readPending(given: z.output<typeof body>): Promise<PendingTx | null> {
  if ("raw" in given) return readRawTransaction(toLower(given.raw as Hex));
  try {
    return parsePending(given.transaction, { method: "POST /pending" }, "relay");
  } catch (error) {
    throw error instanceof RpcMalformed ? new TransactionRefused(error) : error;
  }
}

/** The object is no transaction. No node said it: whoever sent it has to mend it. Not retryable. */
class TransactionRefused extends Error {
  override readonly name = "TransactionRefused";
  constructor(cause: RpcMalformed) {
    const field = cause.field === "transaction" ? "transaction" : `transaction.${cause.field}`;
    super(
      [
        `\`${field}\` is ${cause.found}.`,
        `- Expected ${cause.expected}.`,
        "- Send the transaction as eth_getTransactionByHash has it, or its signed bytes as `raw`.",
      ].join("\n"),
      { cause },
    );
  }
}
