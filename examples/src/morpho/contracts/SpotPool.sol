// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Fault} from "../../../../contracts/src/interfaces/IOracleAggregator.sol";
import {IPriceAdapter} from "../../../../contracts/src/interfaces/IPriceAdapter.sol";
import {PriceStamp} from "../../../../contracts/src/libraries/PriceStamp.sol";

/// @notice A shallow constant-product pool of two tokens; what it holds are its reserves. Whoever moves the price pays the
/// fee here, so that an attack's true cost is measured.
contract SpotPool {
    using SafeERC20 for IERC20;

    uint256 private constant FEE_BPS = 30;

    IERC20Metadata public immutable base;
    IERC20Metadata public immutable quote;

    error Pool_Token(address token);

    constructor(IERC20Metadata base_, IERC20Metadata quote_) {
        (base, quote) = (base_, quote_);
    }

    /// @notice Sells `amountIn` of `tokenIn` for the other token, less the fee.
    function swap(IERC20 tokenIn, uint256 amountIn) external returns (uint256 amountOut) {
        if (tokenIn != base && tokenIn != quote) revert Pool_Token(address(tokenIn));
        IERC20 tokenOut = tokenIn == base ? quote : base;
        uint256 reserveIn = tokenIn.balanceOf(address(this));
        uint256 reserveOut = tokenOut.balanceOf(address(this));
        uint256 paid = amountIn * (10_000 - FEE_BPS) / 10_000;
        amountOut = reserveOut * paid / (reserveIn + paid);
        tokenIn.safeTransferFrom(msg.sender, address(this), amountIn);
        tokenOut.safeTransfer(msg.sender, amountOut);
    }

    /// @notice Quote for one base, in WAD.
    function spotWad() public view returns (uint256) {
        uint256 scale = 10 ** (uint256(18) + base.decimals() - quote.decimals());
        return quote.balanceOf(address(this)) * scale / base.balanceOf(address(this));
    }
}

/// @notice The naive oracle of a Morpho market: the pool's price of this moment.
contract SpotOracle {
    SpotPool public immutable pool;
    uint256 public immutable scale;

    constructor(SpotPool pool_) {
        pool = pool_;
        scale = 10 ** (uint256(18) + pool_.quote().decimals() - pool_.base().decimals());
    }

    /// @notice In Morpho's scale.
    function price() external view returns (uint256) {
        return pool.spotWad() * scale;
    }
}

/// @notice The same price as one source among several.
contract SpotSource is IPriceAdapter {
    SpotPool public immutable pool;

    constructor(SpotPool pool_) {
        pool = pool_;
    }

    /// @inheritdoc IPriceAdapter
    function read(uint16, uint32, uint128) external view returns (uint256 wad, uint256 stamp) {
        return (pool.spotWad(), PriceStamp.pack(uint40(block.timestamp), 0, Fault.NONE));
    }
}
