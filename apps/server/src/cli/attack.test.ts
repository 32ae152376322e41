// A hunt over a Solidity file, as a person runs it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPlace, type Place } from "./place.testkit.ts";

// Pays before it writes down that it has paid.
const source = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;
contract Vault {
    mapping(address => uint256) public balances;
    uint256 public total;
    function deposit() external payable { balances[msg.sender] += msg.value; total += msg.value; }
    function withdraw() external {
        uint256 amount = balances[msg.sender];
        (bool ok,) = msg.sender.call{value: amount}("");
        require(ok);
        if (balances[msg.sender] != 0) { total -= amount; balances[msg.sender] = 0; }
    }
    function echidna_solvent() external view returns (bool) { return address(this).balance >= total; }
}
contract Thief {
    Vault private immutable _vault;
    bool private _again;
    constructor(Vault vault) { _vault = vault; }
    function attack() external payable { _again = true; _vault.deposit{value: msg.value}(); _vault.withdraw(); }
    receive() external payable { if (_again) { _again = false; _vault.withdraw(); } }
}
contract WithThief {
    Vault public vault;
    function setUp() external { vault = new Vault(); new Thief(vault); }
    function invariant_solvent() external view { require(address(vault).balance >= vault.total()); }
}
`;

let place: Place;
beforeEach(() => {
  place = openPlace();
  writeFileSync(join(place.folder, "Vault.sol"), source);
});
afterEach(() => place.remove());

const attack = (...more: readonly string[]) => place.run("attack", "--sol", "Vault.sol", "--workers", "1", ...more);

test("error: a file without --contract is told its contracts", async () => {
  const { code, err } = await attack();
  expect(code).toBe(2);
  expect(err).toContain('--sol "Vault.sol" is given without --contract.\n- It has: Thief, Vault, WithThief.');
});

test("LAB-31: a re-entrant vault falls to an attacker of the file's own, and without one it is said that there was none", async () => {
  const alone = await attack("--contract", "Vault", "--calls", "5000");
  expect([alone.code, alone.out]).toEqual([0, expect.stringContaining("0 violations.")]);
  expect(alone.out).toContain("Its callers were plain accounts");
  const withThief = await attack("--contract", "WithThief", "--calls", "20000");
  expect(withThief.out).toContain("invariant_solvent");
  expect(withThief.out).toContain("Thief.attack()");
  expect(withThief.out).not.toContain("Its callers were plain accounts");
});
