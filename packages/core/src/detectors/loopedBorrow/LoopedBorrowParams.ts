export interface LoopedBorrowParams {
  readonly cycles: number;
  readonly windowSeconds: number;
  /** Part of the greatest leverage, 1 / (1 − LTV), from which an account stands at the limit. */
  readonly leverageShare: number;
  readonly maxOwnShare: number;
  readonly maxAccounts: number;
}
