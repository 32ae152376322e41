/** What a person says to `testudo attack`. */
export interface AttackFlags {
  readonly sol?: string;
  readonly contract?: string;
  readonly config?: string;
  readonly capsule?: string;
  readonly victim?: string;
  readonly out?: string;
  readonly minutes?: string;
  readonly calls?: string;
  readonly seed: string;
  readonly workers?: string;
  readonly state?: string;
  readonly json?: true;
}

/** What a search of any kind is bounded by. */
export interface AttackBounds {
  readonly seed: number;
  readonly workers: number;
  readonly calls?: number;
  readonly seconds?: number;
}
