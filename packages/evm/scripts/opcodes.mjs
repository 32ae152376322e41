// The instruction set: the one table that the decoder's tables and the interpreter's switch are generated from.
// name, what it takes from and leaves on the stack, static gas, and how it runs.
//
// In a body: `sp` points at the topmost word, `sp - 32` at the one below. `$a`, `$b`, `$c` stand for the topmost words.
// A body that does not leave goes on with the next instruction. `$fail(X)` ends the frame. `$enter` goes on at `ip`, where a
// block begins.

/**
 * What is rare, or costs so much that a call more does not matter, stands beside the loop (`isRare`): the smaller the loop, the sooner and the better
 * it is compiled.
 * @typedef {{code: number, name: string, pops: number, pushes: number, gas: number, body: string, ends?: true, isRare?: true}} Operation
 */

const binary = (code, name, gas, call) => ({
  code,
  name,
  pops: 2,
  pushes: 1,
  gas,
  body: `${call}(sp - 32, sp, sp - 32); sp -= 32;`,
});
const comparison = (code, name, call) => ({
  code,
  name,
  pops: 2,
  pushes: 1,
  gas: 3,
  body: `const x = ${call} ? 1 : 0; sp -= 32; setLimb(sp, x);`,
});
const push = (code, name, gas, body) => ({ code, name, pops: 0, pushes: 1, gas, body: `sp += 32; ${body}` });
const rare = (operation) => ({ ...operation, isRare: true });
const blockWord = (code, name, place) => rare(push(code, name, 2, `copyWord(sp, blockWords + ${place});`));
// A function that needs all of the frame.
const outside = (code, name, pops, pushes, gas, call, more = {}) => ({
  code,
  name,
  pops,
  pushes,
  gas,
  body: `return ${call};`,
  isRare: true,
  ...more,
});
// Memory from `at` on, `bytes` long. Where it has to grow first the operation begins again: nothing may have changed before.
const reach = (bytes) => `if (<u64>at + ${bytes} > memorySize) { needed = <u64>at + ${bytes}; action = GROW; break; }`;
// The same, at the offset that stands at `word`.
const touch = (word, bytes) => `
  if (isWide(${word})) $fail(OUT_OF_GAS)
  const at = load<u32>(${word});
  ${reach(bytes)}`;

/** @type {Operation[]} */
export const operations = [
  { code: 0x00, name: "STOP", pops: 0, pushes: 0, gas: 0, ends: true, body: "action = STOP; break;" },
  binary(0x01, "ADD", 3, "addWord"),
  binary(0x02, "MUL", 5, "mulWord"),
  { ...binary(0x03, "SUB", 3, ""), body: "subWord(sp - 32, sp, sp - 32); sp -= 32;" },
  binary(0x04, "DIV", 5, "divWord"),
  rare(binary(0x05, "SDIV", 5, "sdivWord")),
  binary(0x06, "MOD", 5, "modWord"),
  rare(binary(0x07, "SMOD", 5, "smodWord")),
  rare({
    code: 0x08,
    name: "ADDMOD",
    pops: 3,
    pushes: 1,
    gas: 8,
    body: "addmodWord(sp - 64, sp, sp - 32, sp - 64); sp -= 64;",
  }),
  {
    code: 0x09,
    name: "MULMOD",
    pops: 3,
    pushes: 1,
    gas: 8,
    body: "mulmodWord(sp - 64, sp, sp - 32, sp - 64); sp -= 64;",
  },
  rare({
    ...binary(0x0a, "EXP", 10, ""),
    body: "gas -= <i64>bytesOfExponent(sp - 32) * 50; if (gas < 0) $fail(OUT_OF_GAS) expWord(sp - 32, sp, sp - 32); sp -= 32;",
  }),
  rare(binary(0x0b, "SIGNEXTEND", 5, "signextendWord")),
  comparison(0x10, "LT", "ltWord(sp, sp - 32)"),
  comparison(0x11, "GT", "ltWord(sp - 32, sp)"),
  comparison(0x12, "SLT", "sltWord(sp, sp - 32)"),
  comparison(0x13, "SGT", "sltWord(sp - 32, sp)"),
  comparison(0x14, "EQ", "eqWord(sp, sp - 32)"),
  { code: 0x15, name: "ISZERO", pops: 1, pushes: 1, gas: 3, body: "setLimb(sp, isZeroWord(sp) ? 1 : 0);" },
  binary(0x16, "AND", 3, "andWord"),
  binary(0x17, "OR", 3, "orWord"),
  binary(0x18, "XOR", 3, "xorWord"),
  { code: 0x19, name: "NOT", pops: 1, pushes: 1, gas: 3, body: "notWord(sp, sp);" },
  rare(binary(0x1a, "BYTE", 3, "byteWord")),
  binary(0x1b, "SHL", 3, "shlWord"),
  binary(0x1c, "SHR", 3, "shrWord"),
  rare(binary(0x1d, "SAR", 3, "sarWord")),
  rare({ code: 0x1e, name: "CLZ", pops: 1, pushes: 1, gas: 5, body: "setLimb(sp, leadingZeros(sp));" }),
  {
    code: 0x20,
    name: "KECCAK256",
    pops: 2,
    pushes: 1,
    gas: 30,
    body: `
  if (isWide(sp - 32)) $fail(OUT_OF_GAS)
  const length = load<u32>(sp - 32);
  gas -= <i64>((<u64>length + 31) >> 5) * 6;
  if (gas < 0) $fail(OUT_OF_GAS)
  let from: u32 = 0;
  if (length > 0) {
    if (isWide(sp)) $fail(OUT_OF_GAS)
    from = load<u32>(sp);
    if (<u64>from + length > memorySize) {
      gas = extend(<u64>from + length, memorySize, gas);
      if (gas < 0) $fail(OUT_OF_GAS)
      memorySize = extendedSize(); heap = memoryStart(frame);
    }
  }
  sp -= 32;
  if (length == 64) keccak64(heap + from, scratch);
  else keccakKept(heap + from, length, scratch);
  loadBigEndian(sp, scratch);`,
  },
  push(0x30, "ADDRESS", 2, "copyWord(sp, addressAt(frame.self));"),
  rare({
    code: 0x31,
    name: "BALANCE",
    pops: 1,
    pushes: 1,
    gas: 0,
    body: `
  const index = needAccount(sp);
  if (index == NO_ACCOUNT) { action = MISS; break; }
  gas -= warmAccount(index) ? 2600 : 100;
  if (gas < 0) $fail(OUT_OF_GAS)
  copyWord(sp, balanceAt(index));`,
  }),
  blockWord(0x32, "ORIGIN", "ORIGIN"),
  push(0x33, "CALLER", 2, "copyWord(sp, addressAt(frame.caller));"),
  push(0x34, "CALLVALUE", 2, 'copyWord(sp, changetype<usize>(frame) + offsetof<Frame>("value0"));'),
  {
    code: 0x35,
    name: "CALLDATALOAD",
    pops: 1,
    pushes: 1,
    gas: 3,
    body: `
  if (isWide(sp) || load<u32>(sp) >= frame.inputLength) setLimb(sp, 0);
  else {
    const from = load<u32>(sp);
    if (<u64>from + 32 <= frame.inputLength) loadBigEndian(sp, inputStart(frame) + from);
    else {
      zeroWord(scratch);
      memory.copy(scratch, inputStart(frame) + from, frame.inputLength - from);
      loadBigEndian(sp, scratch);
    }
  }`,
  },
  push(0x36, "CALLDATASIZE", 2, "setLimb(sp, frame.inputLength);"),
  outside(0x37, "CALLDATACOPY", 3, 0, 3, "copyCallData(frame)"),
  rare(push(0x38, "CODESIZE", 2, "setLimb(sp, codeAt(frame.code).length);")),
  outside(0x39, "CODECOPY", 3, 0, 3, "copyCode(frame)"),
  push(0x3a, "GASPRICE", 2, "copyWord(sp, blockWords + GAS_PRICE);"),
  {
    code: 0x3b,
    name: "EXTCODESIZE",
    pops: 1,
    pushes: 1,
    gas: 0,
    body: `
  const index = needAccount(sp);
  if (index == NO_ACCOUNT) { action = MISS; break; }
  gas -= warmAccount(index) ? 2600 : 100;
  if (gas < 0) $fail(OUT_OF_GAS)
  setLimb(sp, codeAt(accountAt(index).code).length);`,
  },
  outside(0x3c, "EXTCODECOPY", 4, 0, 0, "copyForeignCode(frame)"),
  push(0x3d, "RETURNDATASIZE", 2, "setLimb(sp, ReturnData.length);"),
  outside(0x3e, "RETURNDATACOPY", 3, 0, 3, "copyReturnData(frame)"),
  rare({
    code: 0x3f,
    name: "EXTCODEHASH",
    pops: 1,
    pushes: 1,
    gas: 0,
    body: `
  const index = needAccount(sp);
  if (index == NO_ACCOUNT) { action = MISS; break; }
  gas -= warmAccount(index) ? 2600 : 100;
  if (gas < 0) $fail(OUT_OF_GAS)
  if (isEmpty(index)) setLimb(sp, 0);
  else loadBigEndian(sp, codeHashAt(index));`,
  }),
  rare({
    code: 0x40,
    name: "BLOCKHASH",
    pops: 1,
    pushes: 1,
    gas: 20,
    body: `
  const number = load<u64>(sp);
  const now = load<u64>(blockWords + NUMBER);
  if (!fitsLong(sp) || number >= now || number + 256 < now) setLimb(sp, 0);
  else {
    const hash = blockHashAt(number);
    if (hash == 0) { Run.missing(Run.BLOCK_HASH, 0, sp); action = MISS; break; }
    loadBigEndian(sp, hash);
  }`,
  }),
  blockWord(0x41, "COINBASE", "COINBASE"),
  blockWord(0x42, "TIMESTAMP", "TIMESTAMP"),
  blockWord(0x43, "NUMBER", "NUMBER"),
  blockWord(0x44, "PREVRANDAO", "RANDOM"),
  blockWord(0x45, "GASLIMIT", "GAS_LIMIT"),
  blockWord(0x46, "CHAINID", "CHAIN_ID"),
  rare(push(0x47, "SELFBALANCE", 5, "copyWord(sp, balanceAt(frame.self));")),
  blockWord(0x48, "BASEFEE", "BASE_FEE"),
  rare({
    code: 0x49,
    name: "BLOBHASH",
    pops: 1,
    pushes: 1,
    gas: 3,
    body: "if (isWide(sp) || load<u32>(sp) >= Blobs.count) setLimb(sp, 0); else loadBigEndian(sp, Blobs.hashes + load<u32>(sp) * 32);",
  }),
  blockWord(0x4a, "BLOBBASEFEE", "BLOB_BASE_FEE"),
  { code: 0x50, name: "POP", pops: 1, pushes: 0, gas: 2, body: "sp -= 32;" },
  { code: 0x51, name: "MLOAD", pops: 1, pushes: 1, gas: 3, body: `${touch("sp", 32)} loadBigEndian(sp, heap + at);` },
  {
    code: 0x52,
    name: "MSTORE",
    pops: 2,
    pushes: 0,
    gas: 3,
    body: `${touch("sp", 32)} storeBigEndian(heap + at, sp - 32); sp -= 64;`,
  },
  rare({
    code: 0x53,
    name: "MSTORE8",
    pops: 2,
    pushes: 0,
    gas: 3,
    body: "return storeByte(frame);",
  }),
  {
    code: 0x54,
    name: "SLOAD",
    pops: 1,
    pushes: 1,
    gas: 0,
    body: `
  const index = needSlot(frame.self, sp);
  if (index == NO_SLOT) { action = MISS; break; }
  gas -= warmSlot(index) ? 2100 : 100;
  if (gas < 0) $fail(OUT_OF_GAS)
  if (Hooks.storage) recordStorage(LOADED_VALUE, frame.self, sp, valueAt(index));
  copyWord(sp, valueAt(index));`,
  },
  // Its exact gas decides whether it may run at all (EIP-2200), so that a block ends with it.
  {
    code: 0x55,
    name: "SSTORE",
    pops: 2,
    pushes: 0,
    gas: 0,
    ends: true,
    body: `
  if (frame.isStatic != 0) $fail(WRITE_PROTECTION)
  if (gas <= 2300) $fail(OUT_OF_GAS)
  const index = needSlot(frame.self, sp);
  if (index == NO_SLOT) { action = MISS; break; }
  gas -= costOfStore(index, sp - 32);
  if (gas < 0) $fail(OUT_OF_GAS)
  if (Hooks.storage) recordStorage(STORED_VALUE, frame.self, sp, sp - 32);
  setSlot(index, sp - 32);
  if (Heap.isExhausted) { action = FAULT; break; }
  sp -= 64;`,
  },
  {
    code: 0x56,
    name: "JUMP",
    pops: 1,
    pushes: 0,
    gas: 8,
    ends: true,
    body: `
  const target = isWide(sp) ? 0 : jumpTarget(codeAt(frame.code), load<u32>(sp));
  if (target == 0) $fail(INVALID_JUMP)
  sp -= 32; ip = target; $enter`,
  },
  {
    code: 0x57,
    name: "JUMPI",
    pops: 2,
    pushes: 0,
    gas: 10,
    ends: true,
    body: `
  if (!isZeroWord(sp - 32)) {
    const target = isWide(sp) ? 0 : jumpTarget(codeAt(frame.code), load<u32>(sp));
    if (target == 0) $fail(INVALID_JUMP)
    sp -= 64; ip = target; continue;
  }
  sp -= 64; ip += 16; $enter`,
  },
  // The decoder knows where it stands.
  rare(push(0x58, "PC", 2, "setLimb(sp, load<u64>(ip, 8));")),
  rare(push(0x59, "MSIZE", 2, "setLimb(sp, memorySize);")),
  // All that was charged stands before it: a block ends with it, so that what it tells is exact.
  { ...push(0x5a, "GAS", 2, "setLimb(sp, <u64>gas);"), ends: true },
  rare({
    code: 0x5c,
    name: "TLOAD",
    pops: 1,
    pushes: 1,
    gas: 100,
    body: "const value = transientAt(frame.self, sp); if (value == 0) setLimb(sp, 0); else copyWord(sp, value);",
  }),
  rare({
    code: 0x5d,
    name: "TSTORE",
    pops: 2,
    pushes: 0,
    gas: 100,
    body: `
  if (frame.isStatic != 0) $fail(WRITE_PROTECTION)
  if (!setTransient(frame.self, sp, sp - 32) || Heap.isExhausted) { action = FAULT; break; }
  sp -= 64;`,
  }),
  outside(0x5e, "MCOPY", 3, 0, 3, "copyMemory(frame)"),
  push(0x5f, "PUSH0", 2, "setLimb(sp, 0);"),
  ...[0, 1, 2, 3, 4].map((topics) =>
    outside(0xa0 + topics, `LOG${topics}`, 2 + topics, 0, 375 * (topics + 1), `writeLog(frame, ${topics})`),
  ),
  outside(0xf0, "CREATE", 3, 1, 32_000, "beginCreate(frame, CREATE_KIND)", { ends: true }),
  outside(0xf1, "CALL", 7, 1, 0, "beginCall(frame, CALL_KIND)", { ends: true }),
  outside(0xf2, "CALLCODE", 7, 1, 0, "beginCall(frame, CALLCODE_KIND)", { ends: true }),
  {
    code: 0xf3,
    name: "RETURN",
    pops: 2,
    pushes: 0,
    gas: 0,
    ends: true,
    body: "action = RETURN; break;",
  },
  outside(0xf4, "DELEGATECALL", 6, 1, 0, "beginCall(frame, DELEGATECALL_KIND)", { ends: true }),
  outside(0xf5, "CREATE2", 4, 1, 32_000, "beginCreate(frame, CREATE2_KIND)", { ends: true }),
  outside(0xfa, "STATICCALL", 6, 1, 0, "beginCall(frame, STATICCALL_KIND)", { ends: true }),
  { code: 0xfd, name: "REVERT", pops: 2, pushes: 0, gas: 0, ends: true, body: "action = REVERT; break;" },
  {
    code: 0xfe,
    name: "INVALID",
    pops: 0,
    pushes: 0,
    gas: 0,
    ends: true,
    body: "$fail(INVALID_OPCODE)",
  },
  outside(0xff, "SELFDESTRUCT", 1, 0, 5_000, "selfDestruct(frame)", { ends: true }),
  // One instruction for all of them: how far below the topmost word it reaches stands at 4, in bytes.
  ...repeat(16, (n) => ({
    code: 0x80 + n,
    name: `DUP${n + 1}`,
    pops: n + 1,
    pushes: n + 2,
    gas: 3,
  })),
  ...repeat(16, (n) => ({
    code: 0x90 + n,
    name: `SWAP${n + 1}`,
    pops: n + 2,
    pushes: n + 2,
    gas: 3,
  })),
];

/** PUSH1 to PUSH32 differ in their length alone. */
export const pushes = repeat(32, (n) => ({ code: 0x60 + n, name: `PUSH${n + 1}`, pops: 0, pushes: 1, gas: 3 }));

/**
 * Instructions of ours, which the decoder writes in place of what the code says: one for several that often follow each
 * other. Their stack effect and gas are those of what they stand for. Codes that the EVM does not use.
 */
export const fused = [
  // Begins a basic block: static gas and bounds of the stack for all of it, checked once.
  {
    code: 0x5b,
    name: "BLOCK",
    body: "$enter",
  },
  {
    code: 0x60,
    name: "PUSH_SMALL",
    body: "sp += 32; v128.store(sp, v128.load_zero<u64>(ip, 8)); v128.store(sp, i64x2.splat(0), 16);",
  },
  { code: 0x61, name: "PUSH_WIDE", body: "sp += 32; copyWord(sp, load<u32>(ip, 4));" },
  { code: 0x62, name: "JUMP_STATIC", body: "ip = load<u32>(ip, 4); $enter" },
  {
    code: 0x63,
    name: "JUMPI_STATIC",
    body: "const isZero = isZeroWord(sp); sp -= 32; ip = isZero ? ip + 16 : load<u32>(ip, 4); $enter",
  },
  {
    code: 0x64,
    name: "JUMPZ_STATIC",
    body: "const isZero = isZeroWord(sp); sp -= 32; ip = isZero ? load<u32>(ip, 4) : ip + 16; $enter",
  },
  { code: 0x65, name: "BAD_JUMP", body: "$fail(INVALID_JUMP)" },
  {
    code: 0x66,
    name: "BAD_JUMPI",
    body: "const isZero = isZeroWord(sp); sp -= 32; if (!isZero) $fail(INVALID_JUMP)",
  },
  // DUP1 PUSH4 selector EQ PUSH2 target JUMPI: how a contract finds its function.
  {
    code: 0x67,
    name: "SELECT",
    body: `
  if (load<u64>(sp) == load<u64>(ip, 8) && (load<u64>(sp, 8) | load<u64>(sp, 16) | load<u64>(sp, 24)) == 0) {
    ip = load<u32>(ip, 4);
  } else ip += 16;
  $enter`,
  },
  { code: 0x68, name: "SWAP1_POP", body: "sp -= 32; copyWord(sp, sp + 32);" },
  { code: 0x69, name: "POPS", body: "sp -= load<u32>(ip, 4);" },
  { code: 0x6a, name: "PUSH_ADD", body: "addSmall(sp, load<u64>(ip, 8));" },
  {
    code: 0x6b,
    name: "PUSH_AND",
    body: "setLimb(sp, load<u64>(sp) & load<u64>(ip, 8));",
  },
  { code: 0x6c, name: "PUSH_SHL", body: "shiftLeft(sp, sp, load<u64>(ip, 8));" },
  { code: 0x6d, name: "PUSH_SHR", body: "shiftRight(sp, sp, load<u64>(ip, 8), 0);" },
  {
    code: 0x6e,
    name: "PUSH_EQ",
    body: "setLimb(sp, load<u64>(sp) == load<u64>(ip, 8) && (load<u64>(sp, 8) | load<u64>(sp, 16) | load<u64>(sp, 24)) == 0 ? 1 : 0);",
  },
  {
    code: 0x6f,
    name: "PUSH_MLOAD",
    body: `
  const at = load<u32>(ip, 8);
  ${reach(32)}
  sp += 32; loadBigEndian(sp, heap + at);`,
  },
  {
    code: 0x70,
    name: "PUSH_MSTORE",
    body: `
  const at = load<u32>(ip, 8);
  ${reach(32)}
  storeBigEndian(heap + at, sp); sp -= 32;`,
  },
  { code: 0x80, name: "DUP", body: "copyWord(sp + 32, sp - load<u16>(ip, 4)); sp += 32;" },
  { code: 0x90, name: "SWAP", body: "swapWords(sp, sp - load<u16>(ip, 4));" },
  // Pairs. Numbers at 4 and 6 are distances on the stack, in bytes: what a DUP copies or a SWAP swaps with, below the top.
  {
    code: 0xb0,
    name: "PUSH_PUSH",
    body: "v128.store(sp, i64x2.replace_lane(i64x2.splat(0), 0, <u64>load<u32>(ip, 4)), 32); v128.store(sp, i64x2.splat(0), 48); sp += 64; v128.store(sp, v128.load_zero<u64>(ip, 8)); v128.store(sp, i64x2.splat(0), 16);",
  },
  {
    code: 0xb1,
    name: "PUSH_DUP",
    body: "v128.store(sp, v128.load_zero<u64>(ip, 8), 32); v128.store(sp, i64x2.splat(0), 48); copyWord(sp + 64, sp + 32 - load<u16>(ip, 4)); sp += 64;",
  },
  {
    code: 0xb2,
    name: "PUSH_SWAP1",
    body: "copyWord(sp + 32, sp); v128.store(sp, v128.load_zero<u64>(ip, 8)); v128.store(sp, i64x2.splat(0), 16); sp += 32;",
  },
  {
    code: 0xb3,
    name: "PUSH_GT",
    body: "setLimb(sp, (load<u64>(sp, 8) | load<u64>(sp, 16) | load<u64>(sp, 24)) == 0 && load<u64>(sp) < load<u64>(ip, 8) ? 1 : 0);",
  },
  { code: 0xb4, name: "PUSH_WIDE_AND", body: "andWord(sp, sp, load<u32>(ip, 4));" },
  {
    code: 0xb5,
    name: "DUP_DUP",
    body: "const first = load<u16>(ip, 4); const second = load<u16>(ip, 6); copyWord(sp + 32, sp - first); copyWord(sp + 64, sp + 32 - second); sp += 64;",
  },
  { code: 0xb6, name: "DUP_ADD", body: "addWord(sp, sp - load<u16>(ip, 4), sp);" },
  { code: 0xb7, name: "DUP_SUB", body: "subWord(sp, sp - load<u16>(ip, 4), sp);" },
  { code: 0xb8, name: "DUP_AND", body: "andWord(sp, sp - load<u16>(ip, 4), sp);" },
  {
    code: 0xb9,
    name: "DUP_MSTORE",
    body: `const offset = sp - load<u16>(ip, 4); ${touch("offset", 32)} storeBigEndian(heap + at, sp); sp -= 32;`,
  },
  {
    code: 0xba,
    name: "DUP_MLOAD",
    body: `const offset = sp - load<u16>(ip, 4); ${touch("offset", 32)} sp += 32; loadBigEndian(sp, heap + at);`,
  },
  { code: 0xbb, name: "DUP_SWAP1", body: "copyWord(sp + 32, sp); copyWord(sp, sp - load<u16>(ip, 4)); sp += 32;" },
  { code: 0xbc, name: "SWAP_POP", body: "copyWord(sp - load<u16>(ip, 4), sp); sp -= 32;" },
  {
    code: 0xbd,
    name: "SWAP_SWAP",
    body: "swapWords(sp, sp - load<u16>(ip, 4)); swapWords(sp, sp - load<u16>(ip, 6));",
  },
  {
    code: 0xbe,
    name: "SWAP_DUP",
    body: "swapWords(sp, sp - load<u16>(ip, 4)); copyWord(sp + 32, sp - load<u16>(ip, 6)); sp += 32;",
  },
  { code: 0xbf, name: "SWAP1_SUB", body: "subWord(sp - 32, sp - 32, sp); sp -= 32;" },
  { code: 0xc0, name: "SWAP1_ADD", body: "addWord(sp - 32, sp - 32, sp); sp -= 32;" },
  { code: 0xc1, name: "SWAP1_MSTORE", body: `${touch("sp - 32", 32)} storeBigEndian(heap + at, sp); sp -= 64;` },
  {
    code: 0xc2,
    name: "SWAP1_JUMP",
    body: `
  const target = isWide(sp - 32) ? 0 : jumpTarget(codeAt(frame.code), load<u32>(sp - 32));
  if (target == 0) $fail(INVALID_JUMP)
  copyWord(sp - 32, sp); sp -= 32; ip = target; $enter`,
  },
  {
    code: 0xc3,
    name: "POPS_JUMP",
    body: `
  sp -= load<u32>(ip, 4);
  const target = isWide(sp) ? 0 : jumpTarget(codeAt(frame.code), load<u32>(sp));
  if (target == 0) $fail(INVALID_JUMP)
  sp -= 32; ip = target; $enter`,
  },
  { code: 0x74, name: "BLOCK_FIRST", body: "runFirst(ip, frame.code); continue;" },
  // Written only where comparisons are recorded: they cost nothing elsewhere.
  {
    code: 0x72,
    name: "COMPARE",
    body: "recordComparison(load<u32>(ip, 4), load<u32>(ip, 8), load<u32>(ip, 12), sp, sp - 32);",
  },
  {
    code: 0x73,
    name: "COMPARE_ZERO",
    body: "recordComparison(load<u32>(ip, 4), load<u32>(ip, 8), load<u32>(ip, 12), sp, zero);",
  },
];

function repeat(times, make) {
  return Array.from({ length: times }, (_, n) => make(n));
}
