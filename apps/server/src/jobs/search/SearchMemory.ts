/** What a worker has learned, and how long it took: it goes on from there. Plain data, copied as a whole. */
export interface SearchMemory {
  readonly seconds: number;
  readonly learned: unknown;
}

/** Where workers' memories are kept between two runs of a search. */
export interface SearchMemories {
  /** Of the worker with this number; undefined for one that begins anew. */
  of(worker: number): SearchMemory | undefined;
  keep(worker: number, memory: SearchMemory): void;
}
