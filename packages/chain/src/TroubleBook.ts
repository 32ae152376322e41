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
  /** Closes a trouble, if it is open. */
  clear(trouble: Trouble, message: string, endpoint?: string): void;
  isOpen(trouble: Trouble, endpoint?: string): boolean;
}

/** Makes an empty book that tells `report`. `isShort` adds what is no trouble by itself: too few healthy endpoints. */
export function makeTroubleBook(report: (trouble: StreamTrouble) => void, isShort: () => boolean): TroubleBook {
  const open = new Map<string, boolean>();
  const keyOf = (trouble: Trouble, endpoint?: string) => `${trouble} ${endpoint ?? ""}`;
  const tell = (trouble: StreamTrouble["trouble"], message: string, endpoint: string | undefined, over?: Trouble) =>
    report({
      kind: "trouble",
      trouble,
      ...(over === undefined ? {} : { over }),
      ...(endpoint === undefined ? {} : { endpoint }),
      message,
      freeze: isShort() || [...open.values()].includes(true),
    });
  return {
    raise(trouble, message, freezes, endpoint) {
      const key = keyOf(trouble, endpoint);
      // It is told again only when it becomes graver.
      if (open.has(key) && (open.get(key) === true || !freezes)) return;
      open.set(key, freezes);
      tell(trouble, message, endpoint);
    },
    clear(trouble, message, endpoint) {
      if (open.delete(keyOf(trouble, endpoint))) tell("recovered", message, endpoint, trouble);
    },
    isOpen: (trouble, endpoint) => open.has(keyOf(trouble, endpoint)),
  };
}
