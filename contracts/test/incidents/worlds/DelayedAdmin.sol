// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// One key behind a delay which that key may change at once: the timelock of protocols that wrote their own.
contract DelayedAdmin {
    address public admin;
    uint256 public delay;
    mapping(bytes32 id => uint256) public readyAt;

    error DelayedAdmin_NotAdmin(address caller);
    error DelayedAdmin_NotReady(bytes32 id, uint256 at);

    modifier onlyAdmin() {
        if (msg.sender != admin) revert DelayedAdmin_NotAdmin(msg.sender);
        _;
    }

    constructor(address admin_, uint256 delay_) {
        (admin, delay) = (admin_, delay_);
    }

    function setDelay(uint256 delay_) external onlyAdmin {
        delay = delay_;
    }

    function queue(address target, bytes calldata data) external onlyAdmin {
        readyAt[keccak256(abi.encode(target, data))] = block.timestamp + delay;
    }

    function execute(address target, bytes calldata data) external onlyAdmin {
        bytes32 id = keccak256(abi.encode(target, data));
        uint256 ready = readyAt[id];
        if (ready == 0 || block.timestamp < ready) revert DelayedAdmin_NotReady(id, ready);
        delete readyAt[id];
        (bool ok,) = target.call(data);
        require(ok, "failed");
    }
}
