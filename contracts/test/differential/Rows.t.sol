// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base} from "../Base.t.sol";

/// The cheatcodes that read a file.
interface VmFiles {
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonType(string calldata json, string calldata key, string calldata types)
        external
        pure
        returns (bytes memory);
}

/// Reads the tables of test/vectors/, which a script in scripts/vectors/ wrote from the TypeScript twins.
abstract contract Rows is Base {
    function rowsOf(string memory file, string memory table) internal view returns (uint256[][] memory rows) {
        VmFiles files = VmFiles(address(vm));
        string memory json = files.readFile(string.concat("contracts/test/vectors/", file, ".json"));
        rows = abi.decode(files.parseJsonType(json, string.concat(".", table, ".rows"), "uint256[][]"), (uint256[][]));
    }
}
