// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

interface Vm {
    function prank(address sender) external;
    function prank(address sender, address origin) external;
    function startPrank(address sender) external;
    function startPrank(address sender, address origin) external;
    function stopPrank() external;
    function warp(uint256 time) external;
    function roll(uint256 number) external;
    function deal(address account, uint256 amount) external;
    function assume(bool condition) external pure;
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata reason) external;
    function label(address account, string calldata name) external;
}

/// What the harness calls: it tells who called, and fails in the ways that contracts fail.
contract Target {
    error Plain();
    error WithNumber(uint256 number);

    address public immutable creator = msg.sender;
    address public lastSender;
    uint256 public stored;

    function who() external view returns (address, address) {
        return (msg.sender, tx.origin);
    }

    function note() external payable {
        lastSender = msg.sender;
    }

    function relay(Target other) external view returns (address sender, address origin) {
        return other.who();
    }

    function storeAndFail(uint256 value) external {
        stored = value;
        revert Plain();
    }

    function failWith(uint256 number) external pure returns (uint256) {
        revert WithNumber(number);
    }

    function failWithText() external pure {
        revert("text");
    }

    function failSilently() external pure {
        assembly {
            revert(0, 0)
        }
    }

    function divide(uint256 by) external pure returns (uint256) {
        return 1 / by;
    }

    function succeed() external pure returns (uint256) {
        return 7;
    }

    function deeper(Target other) external pure {
        other.failSilently();
    }
}

contract FailsAtBirth {
    constructor() {
        revert("no birth");
    }
}

/// Runs in forge and in the engine: each `test…` of it ends the same way in both. Names with `Fails` revert.
contract CheatHarness {
    Vm private constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    address private constant alice = address(0xa11ce);
    address private constant bob = address(0xb0b);
    Target private target;
    Target private other;

    function setUp() external {
        target = new Target();
        other = new Target();
    }

    /* PRANK */

    function test_prank_isForOneCall() external {
        vm.prank(alice);
        (address sender, address origin) = target.who();
        require(sender == alice && origin == tx.origin);
        (sender,) = target.who();
        require(sender == address(this));
    }

    function test_prank_withOrigin_reachesDeeperCalls() external {
        address before = tx.origin;
        vm.prank(alice, bob);
        (address sender, address origin) = target.relay(other);
        require(sender == address(target) && origin == bob);
        require(tx.origin == before);
    }

    function test_prank_ofAStateChange_paysFromTheSender() external {
        vm.deal(alice, 5 ether);
        vm.prank(alice);
        target.note{value: 2 ether}();
        require(target.lastSender() == alice && alice.balance == 3 ether && address(target).balance == 2 ether);
    }

    function test_prank_ofACreation() external {
        vm.prank(alice);
        Target made = new Target();
        require(made.creator() == alice);
        vm.prank(bob);
        Target salted = new Target{salt: bytes32(uint256(1))}();
        require(salted.creator() == bob);
        bytes memory init = type(Target).creationCode;
        bytes32 hash = keccak256(abi.encodePacked(bytes1(0xff), bob, bytes32(uint256(1)), keccak256(init)));
        require(address(salted) == address(uint160(uint256(hash))));
    }

    function test_startPrank_lastsUntilStop() external {
        vm.startPrank(alice);
        target.note();
        (address sender,) = target.who();
        require(sender == alice && target.lastSender() == alice);
        vm.startPrank(bob);
        (sender,) = target.who();
        require(sender == bob);
        vm.stopPrank();
        (sender,) = target.who();
        require(sender == address(this));
    }

    function test_startPrank_withOrigin() external {
        vm.startPrank(alice, bob);
        (address sender, address origin) = target.who();
        require(sender == alice && origin == bob);
        vm.stopPrank();
        (, origin) = target.who();
        require(origin == tx.origin && origin != bob);
    }

    function test_prank_isNotForDeeperCalls() external {
        vm.startPrank(alice);
        (address sender,) = target.relay(other);
        require(sender == address(target));
        vm.stopPrank();
    }

    function test_prank_twiceFails() external {
        vm.prank(alice);
        vm.prank(bob);
    }

    function test_prank_inAStartedOneFails() external {
        vm.startPrank(alice);
        target.note();
        vm.prank(bob);
    }

    /* BLOCK AND BALANCE */

    function test_warp_andRoll() external {
        vm.warp(1_900_000_000);
        vm.roll(123_456_789);
        require(block.timestamp == 1_900_000_000 && block.number == 123_456_789);
    }

    function test_deal_setsTheBalance() external {
        vm.deal(alice, 3 ether);
        require(alice.balance == 3 ether);
        vm.deal(alice, 1);
        require(alice.balance == 1);
    }

    /* EXPECT REVERT */

    function test_expectRevert_any() external {
        vm.expectRevert();
        target.failSilently();
        vm.expectRevert();
        target.divide(0);
        vm.expectRevert();
        require(target.failWith(3) == 0);
    }

    function test_expectRevert_takesBackWhatTheCallWrote() external {
        vm.expectRevert(Target.Plain.selector);
        target.storeAndFail(9);
        require(target.stored() == 0);
    }

    function test_expectRevert_withData() external {
        vm.expectRevert(abi.encodeWithSelector(Target.WithNumber.selector, 4));
        target.failWith(4);
        vm.expectRevert(bytes("text"));
        target.failWithText();
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x12));
        target.divide(0);
    }

    function test_expectRevert_goesTogetherWithPrank() external {
        vm.expectRevert();
        vm.prank(alice);
        target.failSilently();
        (address sender,) = target.who();
        require(sender == address(this));
        vm.prank(alice);
        vm.expectRevert();
        target.failSilently();
    }

    function test_expectRevert_ofACreation() external {
        vm.expectRevert(bytes("no birth"));
        new FailsAtBirth();
    }

    function test_expectRevert_ofADeeperCall() external {
        vm.expectRevert();
        target.deeper(other);
    }

    function test_expectRevert_ofACallWithoutFunds() external {
        vm.deal(address(this), 1);
        vm.expectRevert();
        target.note{value: 2}();
    }

    function test_expectRevert_callSucceedsFails() external {
        vm.expectRevert();
        target.succeed();
    }

    function test_expectRevert_noCallFails() external {
        vm.expectRevert();
    }

    function test_expectRevert_otherTextFails() external {
        vm.expectRevert(bytes("other"));
        target.failWithText();
    }

    function test_expectRevert_selectorWithArgumentsFails() external {
        vm.expectRevert(Target.WithNumber.selector);
        target.failWith(4);
    }

    function test_expectRevert_encodedError() external {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "text"));
        target.failWithText();
    }

    function test_expectRevert_noDataFails() external {
        vm.expectRevert(bytes("text"));
        target.failSilently();
    }

    function test_expectRevert_ofAnEmptyAccountFails() external {
        vm.expectRevert();
        (bool ok,) = alice.call("");
        require(ok);
    }

    function test_expectRevert_twiceFails() external {
        vm.expectRevert();
        vm.expectRevert();
        target.failSilently();
    }

    /* LABEL AND CONSOLE */

    function test_label_andConsole() external {
        vm.label(alice, "alice");
        console("log(string,uint256)", abi.encode("height %d", 7));
        vm.expectRevert();
        console("log(bool)", abi.encode(true));
        target.failSilently();
    }

    function console(string memory signature, bytes memory values) private view {
        bytes memory input = abi.encodePacked(bytes4(keccak256(bytes(signature))), values);
        (bool ok,) = address(0x000000000000000000636F6e736F6c652e6c6f67).staticcall(input);
        require(ok);
    }
}
