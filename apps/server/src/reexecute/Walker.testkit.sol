// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Does what its call data says, and returns what it saw before and after each call that it made; it reverts with the same.
contract Walker {
    enum Kind {
        Call,
        Static,
        Delegate,
        Create,
        Destroy
    }

    struct Step {
        Kind kind;
        address to;
        uint256 value;
        /// Written to slot 0 and to transient storage before the call; 0 for nothing.
        uint256 word;
        bytes input;
    }

    uint256 internal word;
    uint256 internal transient lock;

    constructor() payable {
        word = 77;
    }

    receive() external payable {}

    function walk(Step[] calldata steps, bool fails) external payable {
        uint256[] memory seen = new uint256[](steps.length * 8);
        for (uint256 i = 0; i < steps.length; i++) {
            if (steps[i].word > 0) (word, lock) = (steps[i].word, steps[i].word + 1);
            note(seen, i * 8, steps[i].to);
            take(steps[i]);
            note(seen, i * 8 + 4, steps[i].to);
        }
        assembly {
            switch fails
            case 0 { return(add(seen, 32), mul(mload(seen), 32)) }
            default { revert(add(seen, 32), mul(mload(seen), 32)) }
        }
    }

    /// What a frame of this address notes.
    function look(address to) external view returns (uint256, uint256, uint256, uint256) {
        return (word, lock, address(this).balance, to.balance);
    }

    function destroy(address payable heir) external payable {
        word = 99;
        selfdestruct(heir);
    }

    function note(uint256[] memory seen, uint256 at, address to) private view {
        (seen[at], seen[at + 1], seen[at + 2], seen[at + 3]) = (word, lock, address(this).balance, to.balance);
    }

    function take(Step calldata step) private {
        bytes memory input = step.input;
        (address to, uint256 value) = (step.to, step.value);
        if (step.kind == Kind.Call) to.call{value: value}(input);
        else if (step.kind == Kind.Static) to.staticcall(input);
        else if (step.kind == Kind.Delegate) to.delegatecall(input);
        else if (step.kind == Kind.Destroy) to.call{value: value}(abi.encodeCall(this.destroy, (payable(address(uint160(value + 5))))));
        else {
            bytes memory code = type(Made).creationCode;
            assembly {
                pop(create(value, add(code, 32), mload(code)))
            }
        }
    }
}

contract Made {
    uint256 internal word = 88;

    constructor() payable {
        // One in two is refused.
        require(address(this).balance % 2 == 0);
    }
}
