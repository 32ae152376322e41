/** The first place where a store does not hold, before it is known what a person should do. */
export interface FaultDraft {
  readonly table: string;
  /** Link of the chain of evidence, where the fault has one. */
  readonly sequence?: number;
  /** The row: its id or key. */
  readonly row?: string;
  readonly what: string;
}

/** The first place where a store does not hold. */
export interface StoreFault extends FaultDraft {
  /** What a person should do. */
  readonly wayOut: string;
}
