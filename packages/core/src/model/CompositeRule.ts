/** How findings of several stages count together (detector 26). */
export interface CompositeRule {
  /**
   * `brown`: the stages' smallest p-values by Fisher's method with Brown's correction, from two stages on. `forta`: the plain
   * product from three findings on, or a precise detector with one of another stage (COMP-01).
   */
  readonly preset: "brown" | "forta";
  /** Default 1e-7 and 1e-4. */
  readonly criticalAt: number;
  readonly lowAt: number;
  /** Correlation of two detectors of which the calibration knows nothing. Default 0.5. */
  readonly correlation: number;
  /** Ids of detectors that are right nearly always when they fire. */
  readonly precise: readonly string[];
}

export const defaultComposite: CompositeRule = {
  preset: "brown",
  criticalAt: 1e-7,
  lowAt: 1e-4,
  correlation: 0.5,
  precise: [],
};
