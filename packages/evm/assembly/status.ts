/** How a frame ends. From `OUT_OF_GAS` on, all its gas is gone. */
export const SUCCESS: u32 = 0;
export const REVERTED: u32 = 1;
export const OUT_OF_GAS: u32 = 2;
export const INVALID_OPCODE: u32 = 3;
export const STACK_UNDERFLOW: u32 = 4;
export const STACK_OVERFLOW: u32 = 5;
export const INVALID_JUMP: u32 = 6;
export const WRITE_PROTECTION: u32 = 7;
export const RETURN_DATA_OUT_OF_BOUNDS: u32 = 8;
export const CODE_TOO_LARGE: u32 = 9;
export const CODE_BEGINS_WITH_EF: u32 = 10;
export const CODE_STORE_OUT_OF_GAS: u32 = 11;
export const ADDRESS_COLLISION: u32 = 12;
export const INIT_CODE_TOO_LARGE: u32 = 13;
export const PRECOMPILE_FAILED: u32 = 14;
/* Calls that never began; their gas comes back. */
export const DEPTH_EXCEEDED: u32 = 20;
export const BALANCE_TOO_LOW: u32 = 21;
export const NONCE_OVERFLOW: u32 = 22;
/* The whole run, ended by vm.assume(false). */
export const ASSUMPTION_FAILED: u32 = 30;

/** What the interpreter does next. */
export const CONTINUE: i32 = 0;
/** The run has ended. */
export const DONE: i32 = 1;
/** State is missing: the host gives it and resumes. */
export const MISS: i32 = 2;
/** Memory of the instance is exhausted: the host takes the run back. */
export const FAULT: i32 = 3;
/** The frame fails with `Machine.failure`. */
export const FAIL: i32 = 4;
/** A frame has begun above the one that was at work. */
export const ENTER: i32 = 6;
/** The frame ends without output, with the output that its stack names, or takes back what it wrote. */
export const STOP: i32 = 7;
export const RETURN: i32 = 8;
export const REVERT: i32 = 9;
/** State is missing before anything began: the host gives it and calls again. */
export const RESTART: i32 = 10;
/** Nothing was done: the host takes another way. */
export const UNSURE: i32 = 14;
/** Goes on once memory has grown. */
export const GROW: i32 = 13;
/** A pause: nothing is to be done but to go on. */
export const YIELD: i32 = 11;
