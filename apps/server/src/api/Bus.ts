/**
 * Tells those who listen in this process what was committed. It keeps nothing: who may not miss anything reads the store and
 * takes the bus as a hint that there is more. A bus between processes stands behind the same three members.
 */
export interface Bus<T> {
  publish(message: T): void;
  /** Returns what ends the subscription. */
  subscribe(listener: (message: T) => void): () => void;
  readonly listeners: number;
}

/** A bus within this process. A listener that throws is told to `onError` and does not keep others from hearing. */
export function openBus<T>(onError: (error: unknown) => void = () => {}): Bus<T> {
  const listeners = new Set<(message: T) => void>();
  return {
    publish(message) {
      for (const listener of [...listeners]) {
        try {
          listener(message);
        } catch (error) {
          onError(error);
        }
      }
    },
    subscribe(listener) {
      // Wrapped, so that one function may listen twice.
      const own = (message: T) => listener(message);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    get listeners() {
      return listeners.size;
    },
  };
}
