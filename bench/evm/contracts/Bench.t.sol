// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Compute} from "./Compute.sol";
import {Handler} from "./Handler.sol";

interface Vm {
    function loadAllocs(string calldata path) external;
    function envAddress(string calldata name) external view returns (address);
    function envUint(string calldata name) external view returns (uint256);
    function envString(string calldata name) external view returns (string memory);
    function warp(uint256 timestamp) external;
    function roll(uint256 number) external;
}

/// @notice A world that was deployed before: forge loads it, other engines have it already. They call the same functions.
contract Bench {
    struct FuzzInterface {
        address addr;
        string[] artifacts;
    }

    Handler private handler;

    function setUp() external {
        Vm vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
        handler = Handler(vm.envAddress("BENCH_HANDLER"));
        vm.warp(vm.envUint("BENCH_TIMESTAMP"));
        vm.roll(vm.envUint("BENCH_NUMBER"));
        vm.loadAllocs(vm.envString("BENCH_WORLD"));
    }

    function targetInterfaces() external view returns (FuzzInterface[] memory targets) {
        targets = new FuzzInterface[](1);
        targets[0].addr = address(handler);
        targets[0].artifacts = new string[](1);
        targets[0].artifacts[0] = "Handler";
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function testFuzz_five(uint256 a, uint256 b, uint256 c, uint256 d) external {
        handler.enter(a);
        handler.trade(b);
        handler.adjust(c);
        handler.quit(d);
        require(handler.holds());
    }

    function invariant_holds() external view {
        require(handler.holds());
    }
}

contract ComputeBench {
    Compute private compute = new Compute();

    function test_work() external view {
        for (uint256 i = 0; i < 1000; i++) compute.work(200 + i % 2);
    }

    function test_little() external view {
        compute.work(1);
    }
}
