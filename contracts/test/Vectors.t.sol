// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base} from "./Base.t.sol";

/// The cheatcodes of forge that read the shared vectors.
interface VmFile {
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
}

/// Reads the vectors that the TypeScript twins wrote, one column at a time.
abstract contract Vectors is Base {
    string private json;

    function open(string memory name) internal {
        json = VmFile(address(vm)).readFile(string.concat("contracts/test/vectors/", name, ".json"));
    }

    function column(string memory key) internal view returns (uint256[] memory values) {
        values = VmFile(address(vm)).parseJsonUintArray(json, string.concat(".", key));
        yes(values.length > 0, key);
    }
}
