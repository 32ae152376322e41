// Questions to several nodes whose answers are not compared by the stream. One of them may be away, slow or lying.
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";

/** How long to wait for the rest once more than half of the nodes have answered, in milliseconds. */
const graceMs = 500;
/**
 * How long to wait for the rest once half of the nodes have answered, in milliseconds. Longer: whoever answers at once would have the
 * only word wherever another takes its time.
 */
const halfMs = 3_000;
/** How long one node is waited for before the next is asked as well, in milliseconds. */
const patienceMs = 1_000;

/**
 * The answers of all nodes that give one. When more than half have, the others get `graceMs` more, and `halfMs` when half have: a node
 * that hangs must not hold a pause back. Throws when none answers: a fault of ours first, and what a node refused rather than that another
 * one is away.
 */
export async function askAll<T>(
  endpoints: readonly Endpoint[],
  ask: (endpoint: Endpoint) => Promise<T>,
): Promise<readonly T[]> {
  const answers: T[] = [];
  const failures: unknown[] = [];
  await new Promise<void>((resolve) => {
    let [grace, half]: (NodeJS.Timeout | undefined)[] = [];
    const look = () => {
      const twice = answers.length * 2;
      if (answers.length + failures.length === endpoints.length) {
        clearTimeout(grace);
        clearTimeout(half);
        resolve();
      } else if (twice > endpoints.length) grace ??= setTimeout(resolve, graceMs);
      else if (twice === endpoints.length) half ??= setTimeout(resolve, halfMs);
    };
    for (const endpoint of endpoints)
      ask(endpoint).then(
        (answer) => {
          answers.push(answer);
          look();
        },
        // A fault of ours too: one that a node's answer brings out must not take the others' answers away.
        (error: unknown) => {
          failures.push(error);
          look();
        },
      );
  });
  // What comes after the grace belongs to nobody.
  if (answers.length > 0) return [...answers];
  const refused = failures.find((error) => isNodes(error) && error.name === "RpcRefused");
  throw failures.find((error) => !isNodes(error)) ?? refused ?? failures[0];
}

/**
 * The first answer other than undefined; undefined when no node has one. They are asked in turn, the next one when the one
 * before has nothing, fails, or takes longer than `patienceMs`. Throws when none answers.
 */
export function askAny<T>(
  endpoints: readonly Endpoint[],
  ask: (endpoint: Endpoint) => Promise<T | undefined>,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const failures: unknown[] = [];
    let [asked, empty, isOver] = [0, 0, false];
    let timer: NodeJS.Timeout | undefined;
    const end = (how: () => void) => {
      isOver = true;
      clearTimeout(timer);
      how();
    };
    const goOn = () => {
      if (isOver) return;
      if (failures.length + empty === endpoints.length)
        return end(() => (empty > 0 ? resolve(undefined) : reject(failures[0])));
      next();
    };
    const next = () => {
      clearTimeout(timer);
      const endpoint = endpoints[asked];
      if (endpoint === undefined) return;
      asked += 1;
      timer = setTimeout(next, patienceMs);
      ask(endpoint).then(
        (answer) => {
          if (answer !== undefined) return end(() => resolve(answer));
          empty += 1;
          goOn();
        },
        (error: unknown) => {
          if (!isNodes(error)) return end(() => reject(error));
          failures.push(error);
          goOn();
        },
      );
    };
    next();
  });
}

/**
 * The smallest of `values` that more than half of them do not exceed: the median, of an even number the upper one. As long
 * as fewer than half are made up it lies between two honest ones. Throws RangeError for no values.
 */
export function medianUp<T extends bigint | number>(values: readonly T[]): T {
  if (values.length === 0) throw new RangeError("There is no median of no values.");
  return [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[Math.floor(values.length / 2)]!;
}

/**
 * The largest of `values` that more than half of them reach: the median, of an even number the lower one. For what nobody may
 * push up. Throws RangeError for no values.
 */
export function medianDown<T extends bigint | number>(values: readonly T[]): T {
  if (values.length === 0) throw new RangeError("There is no median of no values.");
  return [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[Math.floor((values.length - 1) / 2)]!;
}

/** Whether `error` is a node's and another node, or a later time, may do better. */
export function isNodes(error: unknown): error is Error {
  return error instanceof Error && ["RpcUnreachable", "RpcMalformed", "RpcRefused"].includes(error.name);
}
