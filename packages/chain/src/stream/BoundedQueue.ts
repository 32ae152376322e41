/** A queue between one producer and one consumer that makes the producer wait when it is full (STREAM-13). */
export interface BoundedQueue<T> {
  /** Resolves when there is room again. What is pushed is never dropped; false when the queue was closed. */
  push(item: T, weight: number): Promise<boolean>;
  /** Puts `item` before everything else and never waits. */
  pushUrgent(item: T): void;
  /** The next item; undefined when the queue was closed and is empty. Throws the error it was closed with. */
  take(): Promise<T | undefined>;
  /** Takes no more; what is in it can still be taken. */
  close(error?: unknown): void;
  /** Drops what is in it and closes. */
  clear(): void;
  readonly size: number;
  /** The first `count` items, which stay where they are. Urgent ones are not among them. */
  peek(count: number): readonly T[];
}

/** Makes a queue that is full at `maxItems` items or `maxWeight`, whichever comes first. */
export function makeQueue<T>(maxItems: number, maxWeight: number): BoundedQueue<T> {
  const urgent: T[] = [];
  let items: { readonly item: T; readonly weight: number }[] = [];
  let weight = 0;
  let closed = false;
  let failure: unknown;
  let wakeProducer: (() => void) | undefined;
  let wakeConsumer: (() => void) | undefined;

  const wake = () => {
    wakeProducer?.();
    wakeConsumer?.();
    wakeProducer = undefined;
    wakeConsumer = undefined;
  };
  // A single item heavier than the bound must pass, or nothing ever would.
  const isFull = () => items.length >= maxItems || (items.length > 0 && weight >= maxWeight);

  return {
    get size() {
      return items.length;
    },
    async push(item, itemWeight) {
      while (!closed && isFull()) await new Promise<void>((resolve) => (wakeProducer = resolve));
      if (closed) return false;
      items.push({ item, weight: itemWeight });
      weight += itemWeight;
      wake();
      return true;
    },
    pushUrgent(item) {
      if (closed) return;
      urgent.push(item);
      wake();
    },
    async take() {
      for (;;) {
        const first = urgent.shift();
        if (first !== undefined) return first;
        const next = items.shift();
        if (next !== undefined) {
          weight -= next.weight;
          wake();
          return next.item;
        }
        if (closed && failure !== undefined) throw failure;
        if (closed) return undefined;
        await new Promise<void>((resolve) => (wakeConsumer = resolve));
      }
    },
    close(error) {
      if (closed) return;
      closed = true;
      failure = error;
      wake();
    },
    peek: (count) => items.slice(0, count).map(({ item }) => item),
    clear() {
      items = [];
      urgent.length = 0;
      weight = 0;
      closed = true;
      wake();
    },
  };
}
