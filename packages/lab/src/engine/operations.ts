// The operations of the EVM as geth names them, with what each takes off the stack and puts on it: it looks at the stack
// before it looks at the gas, and names an operation even where the fork does not have it yet.

/** An operation: its name, how many words it needs on the stack, and how many it leaves in their place. */
export interface StackRule {
  readonly name: string;
  readonly pops: number;
  readonly pushes: number;
}

// `code name pops pushes`, in the order of the codes; families with a number in their name are added below.
const table = `
00 STOP 0 0|01 ADD 2 1|02 MUL 2 1|03 SUB 2 1|04 DIV 2 1|05 SDIV 2 1|06 MOD 2 1|07 SMOD 2 1|08 ADDMOD 3 1|09 MULMOD 3 1
0a EXP 2 1|0b SIGNEXTEND 2 1|10 LT 2 1|11 GT 2 1|12 SLT 2 1|13 SGT 2 1|14 EQ 2 1|15 ISZERO 1 1|16 AND 2 1|17 OR 2 1
18 XOR 2 1|19 NOT 1 1|1a BYTE 2 1|1b SHL 2 1|1c SHR 2 1|1d SAR 2 1|1e CLZ 1 1|20 KECCAK256 2 1|30 ADDRESS 0 1
31 BALANCE 1 1|32 ORIGIN 0 1|33 CALLER 0 1|34 CALLVALUE 0 1|35 CALLDATALOAD 1 1|36 CALLDATASIZE 0 1|37 CALLDATACOPY 3 0
38 CODESIZE 0 1|39 CODECOPY 3 0|3a GASPRICE 0 1|3b EXTCODESIZE 1 1|3c EXTCODECOPY 4 0|3d RETURNDATASIZE 0 1
3e RETURNDATACOPY 3 0|3f EXTCODEHASH 1 1|40 BLOCKHASH 1 1|41 COINBASE 0 1|42 TIMESTAMP 0 1|43 NUMBER 0 1
44 DIFFICULTY 0 1|45 GASLIMIT 0 1|46 CHAINID 0 1|47 SELFBALANCE 0 1|48 BASEFEE 0 1|49 BLOBHASH 1 1|4a BLOBBASEFEE 0 1
50 POP 1 0|51 MLOAD 1 1|52 MSTORE 2 0|53 MSTORE8 2 0|54 SLOAD 1 1|55 SSTORE 2 0|56 JUMP 1 0|57 JUMPI 2 0|58 PC 0 1
59 MSIZE 0 1|5a GAS 0 1|5b JUMPDEST 0 0|5c TLOAD 1 1|5d TSTORE 2 0|5e MCOPY 3 0|5f PUSH0 0 1|f0 CREATE 3 1|f1 CALL 7 1
f2 CALLCODE 7 1|f3 RETURN 2 0|f4 DELEGATECALL 6 1|f5 CREATE2 4 1|fa STATICCALL 6 1|fd REVERT 2 0|fe INVALID 0 0
ff SELFDESTRUCT 1 0`;

const deepest = 1024;
export const operations: ReadonlyMap<number, StackRule> = new Map([
  ...table
    .trim()
    .split(/[|\n]/)
    .map((line) => line.split(" "))
    .map(([code, name, pops, pushes]) => ruleOf(Number.parseInt(code!, 16), name!, Number(pops), Number(pushes))),
  ...numbered(32, (i) => ruleOf(0x60 + i, `PUSH${i + 1}`, 0, 1)),
  ...numbered(16, (i) => ruleOf(0x80 + i, `DUP${i + 1}`, i + 1, i + 2)),
  ...numbered(16, (i) => ruleOf(0x90 + i, `SWAP${i + 1}`, i + 2, i + 2)),
  ...numbered(5, (i) => ruleOf(0xa0 + i, `LOG${i}`, i + 2, 0)),
]);

/** What geth says of a stack of `length` words before it runs `opcode`, or undefined where it is as it should be. */
export function stackFailureOf(opcode: number, length: number): string | undefined {
  const rule = operations.get(opcode);
  if (rule === undefined) return undefined;
  if (length < rule.pops) return `stack underflow (${length} <=> ${rule.pops})`;
  const most = deepest + rule.pops - rule.pushes;
  return length > most ? `stack limit reached ${length} (${most})` : undefined;
}

function ruleOf(code: number, name: string, pops: number, pushes: number): readonly [number, StackRule] {
  return [code, { name, pops, pushes }];
}

function numbered<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
