import type { StreamTrouble } from "@testudo/core/model/ChainEvent";

/** What a stream's trouble may be about. */
export type Trouble = Exclude<StreamTrouble["trouble"], "recovered">;

/**
 * The troubles that are open now. Each is told once when it begins and once when it is over; what is told says whether
 * automatic actions have to rest, over all open troubles together.
 */
export interface TroubleBook {
  /** Opens a trouble, unless it is open. `freezes`: no automatic action while it lasts. */
  raise(trouble: Trouble, message: string, freezes: boolean, endpoint?: string): void;
  /** The same for what follows from what people know already: it is on record, and told to nobody until `raise` says so. */
  note(trouble: Trouble, message: string, freezes: boolean, endpoint?: string): void;
  /** Closes a trouble, if it is open. */
  clear(trouble: Trouble, message: string, endpoint?: string): void;
  isOpen(trouble: Trouble, endpoint?: string): boolean;
}

/** Makes an empty book that tells `report`. `isShort` adds what is no trouble by itself: too few healthy endpoints. */
export function makeTroubleBook(report: (trouble: StreamTrouble) => void, isShort: () => boolean): TroubleBook {
  const open = new Map<string, Open>();
  const keyOf = (trouble: Trouble, endpoint?: string) => `${trouble} ${endpoint ?? ""}`;
  const tell = (trouble: StreamTrouble["trouble"], message: string, endpoint: string | undefined, more: object) =>
    report({
      kind: "trouble",
      trouble,
      ...more,
      ...(endpoint === undefined ? {} : { endpoint }),
      message,
      freeze: isShort() || [...open.values()].some(({ freezes }) => freezes),
    });
  const begin = (trouble: Trouble, message: string, endpoint: string | undefined, now: Open) => {
    const key = keyOf(trouble, endpoint);
    const before = open.get(key);
    const both = {
      freezes: now.freezes || before?.freezes === true,
      isQuiet: now.isQuiet && before?.isQuiet !== false,
    };
    // It is told again only when it becomes graver.
    if (before !== undefined && before.freezes === both.freezes && before.isQuiet === both.isQuiet) return;
    open.set(key, both);
    tell(trouble, message, endpoint, both.isQuiet ? { quiet: true } : {});
  };
  return {
    raise: (trouble, message, freezes, endpoint) => begin(trouble, message, endpoint, { freezes, isQuiet: false }),
    note: (trouble, message, freezes, endpoint) => begin(trouble, message, endpoint, { freezes, isQuiet: true }),
    clear(trouble, message, endpoint) {
      if (open.delete(keyOf(trouble, endpoint))) tell("recovered", message, endpoint, { over: trouble });
    },
    isOpen: (trouble, endpoint) => open.has(keyOf(trouble, endpoint)),
  };
}

interface Open {
  readonly freezes: boolean;
  readonly isQuiet: boolean;
}
