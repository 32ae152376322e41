// The JSON of a report as docs/forensics.md has it. Strict, so that a field that is not written down is a fault.
import { attackClasses, reportFormat } from "@testudo/lab/forensics/Report";
import { z } from "zod";

const address = z.string().regex(/^0x[0-9a-f]{40}$/);
const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const bytes = z.string().regex(/^0x[0-9a-f]*$/);
const amount = z.string().regex(/^-?\d+$/);
const asset = z.string().regex(/^(?:native|0x[0-9a-f]{40}(?::\d+)?)$/);
const amounts = z.array(z.strictObject({ asset, amount }));
const confidence = z.enum(["certain", "likely", "possible"]);
const attackClass = z.enum(attackClasses);
const changed = (value: z.ZodType) => z.strictObject({ before: value, after: value });
const value = z.strictObject({ name: z.string(), type: z.string(), value: z.string() });
const party = z.string().regex(/^(?:actor|0x[0-9a-f]{40})$/);

const call: z.ZodType = z.lazy(() =>
  z.strictObject({
    id: z.int().nonnegative(),
    type: z.enum(["CALL", "STATICCALL", "DELEGATECALL", "CALLCODE", "CREATE", "CREATE2", "SELFDESTRUCT"]),
    from: address,
    to: address,
    name: z.string().nullable(),
    function: z.string().nullable(),
    args: z.array(value),
    returns: z.array(value),
    value: amount,
    gas: amount.nullable(),
    gasUsed: amount.nullable(),
    error: z.string().nullable(),
    reason: z.string().nullable(),
    input: bytes,
    output: bytes,
    events: z.array(
      z.strictObject({
        address,
        name: z.string().nullable(),
        args: z.array(value),
        topics: z.array(hash),
        data: bytes,
        position: z.int().nonnegative(),
      }),
    ),
    calls: z.array(call),
    omitted: z.int().nonnegative(),
  }),
);

export const reportSchema = z.strictObject({
  format: z.literal(reportFormat),
  chainId: z.int().positive(),
  transaction: z.strictObject({
    hash,
    from: address,
    to: address.nullable(),
    value: amount,
    blockNumber: amount,
    timestamp: amount,
    succeeded: z.boolean(),
    gasUsed: amount.nullable(),
    error: z.string().nullable(),
    before: z.array(hash),
  }),
  sentence: z.string().min(1),
  verdict: z.enum(["attack", "suspicious", "ordinary"]),
  classification: z.array(
    z.strictObject({
      class: attackClass,
      title: z.string(),
      confidence,
      evidence: z.array(z.strictObject({ text: z.string(), call: z.int().nonnegative().optional() })).min(1),
    }),
  ),
  rootCause: z
    .strictObject({
      class: attackClass,
      confidence,
      contract: address.nullable(),
      hypothesis: z.string(),
      call: z.int().nonnegative().nullable(),
    })
    .nullable(),
  parties: z.array(
    z.strictObject({
      id: party,
      role: z.enum(["actor", "victim", "lender", "pool", "counterparty", "recipient", "token", "supply"]),
      name: z.string(),
      addresses: z.array(address).min(1),
      isProtected: z.literal(true).optional(),
      net: amounts,
      worth: z.number().nullable(),
    }),
  ),
  assets: z.array(
    z.strictObject({
      asset,
      kind: z.enum(["native", "erc20", "erc721", "erc1155", "erc4626"]),
      symbol: z.string(),
      decimals: z.int().nonnegative(),
    }),
  ),
  flow: z.strictObject({
    source: z.enum(["logs", "calldata"]),
    net: z.array(z.strictObject({ address, party, amounts })),
    transfers: z.array(z.strictObject({ asset, from: address, to: address, amount })),
    minted: amounts,
    burned: amounts,
    unbalanced: z.array(asset),
    currency: z.string().nullable(),
  }),
  losses: z.array(
    z.strictObject({
      party,
      holder: address,
      asset,
      amount,
      held: amount.nullable(),
      share: z.number().min(0).max(1).nullable(),
    }),
  ),
  timeline: z.array(
    z.strictObject({
      kind: z.enum([
        "begin",
        "create",
        "loan",
        "transfer",
        "swap",
        "oracle",
        "reentry",
        "control",
        "approval",
        "failure",
        "destroy",
      ]),
      text: z.string(),
      call: z.int().nonnegative(),
    }),
  ),
  oracleReads: z.array(
    z.strictObject({
      call: z.int().nonnegative(),
      reader: address,
      source: address,
      method: z.string(),
      inside: amount.nullable(),
      before: amount.nullable(),
      change: z.number().nullable(),
      movedBy: z.array(z.strictObject({ call: z.int().nonnegative(), pool: address, change: z.number() })),
    }),
  ),
  priceMoves: z.array(
    z.strictObject({ pool: address, market: z.string(), change: z.number(), call: z.int().nonnegative() }),
  ),
  callTree: call,
  stateChanges: z.strictObject({
    isKnown: z.boolean(),
    contracts: z.array(
      z.strictObject({
        address,
        party,
        balance: changed(amount).nullable(),
        nonce: changed(z.int().nonnegative()).nullable(),
        code: z.enum(["created", "destroyed", "delegated", "changed"]).nullable(),
        slots: z.array(z.strictObject({ slot: hash, name: z.string().nullable(), before: hash, after: hash })),
      }),
    ),
    control: z.array(
      z.strictObject({
        address,
        what: z.string(),
        before: z.string().nullable(),
        after: z.string().nullable(),
        call: z.int().nonnegative().nullable(),
      }),
    ),
  }),
  findings: z.array(
    z.strictObject({
      detector: z.string(),
      severity: z.enum(["info", "low", "medium", "high", "critical"]),
      score: z.number(),
      reason: z.string(),
      subject: address,
    }),
  ),
  defences: z.array(z.strictObject({ module: z.string(), effect: z.string() })),
  limits: z.array(z.string()),
});
