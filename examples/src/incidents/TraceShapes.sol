// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Makes one frame of each kind that a trace reader has to tell apart.
contract TraceShapes {
    event Step(uint256 number);

    constructor() payable {}

    function logAroundCall() external {
        emit Step(1);
        this.log(2);
        emit Step(3);
    }

    function log(uint256 number) external {
        emit Step(number);
    }

    function logPaid() external payable {
        emit Step(msg.value);
    }

    function revertBelow() external {
        emit Step(1);
        try this.logThenRevert() {} catch {}
        emit Step(4);
    }

    function logThenRevert() external {
        emit Step(2);
        this.log(3);
        revert("undone");
    }

    function delegate(address target) external payable {
        (bool isOk,) = target.delegatecall(abi.encodeCall(this.logPaid, ()));
        require(isOk);
    }

    function failToCreate() external {
        try new Failing() {} catch {}
    }

    function spendTooMuch() external {
        (bool isOk,) = address(1).call{value: 1_000 ether}("");
        require(!isOk);
    }

    function createAndDestroy(address payable heir) external {
        new Mortal{value: 5 wei}().destroy(heir);
    }
}

contract Failing {
    constructor() {
        revert("no");
    }
}

contract Mortal {
    constructor() payable {}

    function destroy(address payable heir) external {
        selfdestruct(heir);
    }
}
