import { type Action, toPauseMessage } from "@testudo/core/model/Action";
import type { Commit } from "@testudo/core/model/Output";
import type { TypedMessage } from "@testudo/core/model/Signer";
import { applyCommits } from "../store/applyCommits.ts";
import type { FeedEntry } from "../store/readFeed.ts";
import type { Store } from "../store/Store.ts";
import type { ApiOptions, ApiStatus, HumanInput, Submitted } from "./Api.ts";
import { openBus } from "./Bus.ts";
import { type ServedApi, serveApi } from "./serveApi.ts";

export const token = "ab".repeat(32);

/** A served interface over `store` whose pipeline writes down what it is given. */
export interface Served extends ServedApi {
  readonly bus: ReturnType<typeof openBus<readonly FeedEntry[]>>;
  readonly submitted: HumanInput[];
  status: () => ApiStatus;
  submit: (input: HumanInput) => Promise<Submitted>;
  commit(...commits: Commit[]): Promise<void>;
}

export async function serve(store: Store, options: Partial<ApiOptions> & { port?: number } = {}): Promise<Served> {
  const bus = openBus<readonly FeedEntry[]>();
  const submitted: HumanInput[] = [];
  const rest = {
    bus,
    submitted,
    status: (): ApiStatus => ({ healthy: true, ready: true, reasons: [], mode: "shadow", head: 12n }),
    submit: async (input: HumanInput): Promise<Submitted> => {
      submitted.push(input);
      return { accepted: true };
    },
    async commit(...commits: Commit[]) {
      const { entries } = await applyCommits(store, commits, [], ["terminal"]);
      bus.publish(entries);
    },
  };
  const served: Served = Object.assign(rest, {} as ServedApi);
  const api = await serveApi({
    store,
    bus,
    token,
    port: 0,
    status: () => served.status(),
    submit: (input) => served.submit(input),
    toTypedMessage,
    nameOf: (_, selector) => (selector === "0x2e1a7d4d" ? "withdraw(uint256)" : undefined),
    ...options,
  });
  return Object.assign(served, api);
}

/** The message that a council's guardians sign, as the contract has it. */
export function toTypedMessage(action: Action): TypedMessage {
  if (action.type !== "pause") throw new TypeError("Only pauses are served here.");
  const fields =
    "address target,bytes4[] selectors,uint40 until,bytes32 reason,bytes32 evidence,uint256 nonce,uint256 deadline";
  const types = fields.split(",").map((field) => ({ type: field.split(" ")[0]!, name: field.split(" ")[1]! }));
  const domain = { name: "Testudo Council", version: "1", chainId: action.chainId, verifyingContract: action.council };
  return { domain, types: { Pause: types }, primaryType: "Pause", message: { ...toPauseMessage(action) } };
}
