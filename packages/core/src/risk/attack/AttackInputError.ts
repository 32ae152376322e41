/** Throws AttackInputError where `value` is no number within `min` and `max`, both allowed. */
export function assertWithin(field: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw new AttackInputError(field, value, `It may be ${min} to ${max}.`);
}

/** Throws AttackInputError where `value` is no whole number within `min` and `max`, both allowed. */
export function assertCount(field: string, value: number, min: number, max: number): void {
  assertWithin(field, value, min, max);
  if (!Number.isInteger(value)) throw new AttackInputError(field, value, "It has to be a whole number.");
}

/** What an attack is calculated from is malformed; `field` names it. */
export class AttackInputError extends RangeError {
  override readonly name = "AttackInputError";
  readonly field: string;

  constructor(field: string, value: unknown, allowed: string) {
    super(`Attack input "${field}" is ${value}.\n- ${allowed}`);
    this.field = field;
  }
}
