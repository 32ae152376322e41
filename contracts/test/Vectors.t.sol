// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base} from "./Base.t.sol";

/// The cheatcodes of forge that read the shared vectors.
interface VmFile {
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function parseJsonType(string calldata json, string calldata key, string calldata types)
        external
        pure
        returns (bytes memory);
}

/// Reads test/vectors/, which a script in scripts/vectors/ wrote from the TypeScript twins: a column at a time, or a
/// table row by row.
abstract contract Vectors is Base {
    VmFile private constant FILES = VmFile(address(vm));
    string private json;

    function open(string memory name) internal {
        json = textOf(name);
    }

    function column(string memory key) internal view returns (uint256[] memory values) {
        values = FILES.parseJsonUintArray(json, string.concat(".", key));
        yes(values.length > 0, key);
    }

    function rowsOf(string memory name, string memory table) internal view returns (uint256[][] memory) {
        bytes memory rows = FILES.parseJsonType(textOf(name), string.concat(".", table, ".rows"), "uint256[][]");
        return abi.decode(rows, (uint256[][]));
    }

    function textOf(string memory name) internal view returns (string memory) {
        return FILES.readFile(string.concat("contracts/test/vectors/", name, ".json"));
    }
}
