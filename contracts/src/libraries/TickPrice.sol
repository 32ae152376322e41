// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice The price at a tick, 1.0001^tick, as ticks are defined in the Uniswap v3 core white paper (section 6.1).
/// @dev Works with the square root, s = 1.0001^(-|tick|/2) in Q128: at the last tick s is 2^-64, so that 64 bits are left.
library TickPrice {
    uint256 private constant ONE = 1 << 128;
    int24 internal constant MAX_TICK = 887_272;

    /// @notice The tick is beyond 887,272 either way.
    error TickPrice_Tick(int24 tick);

    /// @dev scale * 1.0001^tick within 2 and a relative 1e-17, for any scale. Reverts when that exceeds 256 bits.
    function atTickDown(int24 tick, uint256 scale) internal pure returns (uint256) {
        if (tick > MAX_TICK || tick < -MAX_TICK) revert TickPrice_Tick(tick);
        uint256 s = inverseRoot(uint256(uint24(tick < 0 ? -tick : tick)));
        if (tick <= 0) return Math.mulDiv(Math.mulDiv(scale, s, ONE), s, ONE);
        // Squared before the scale comes in: what is cut off a small scale would grow with the root. s is above 2^64, so
        // that the root stays below 2^192 and its square fits.
        uint256 root = type(uint256).max / s;
        return Math.mulDiv(scale, Math.mulDiv(root, root, ONE), ONE);
    }

    /// @dev 1.0001^(-ticks/2) in Q128. The factor of bit k is 2^128 * 1.0001^(-2^k / 2), rounded to the nearest.
    function inverseRoot(uint256 ticks) private pure returns (uint256 s) {
        s = ONE;
        unchecked {
            if (ticks & 0x1 != 0) s = (s * 0xfffcb933bd6fad37aa2d162d1a594001) >> 128;
            if (ticks & 0x2 != 0) s = (s * 0xfff97272373d413259a46990580e213a) >> 128;
            if (ticks & 0x4 != 0) s = (s * 0xfff2e50f5f656932ef12357cf3c7fdcc) >> 128;
            if (ticks & 0x8 != 0) s = (s * 0xffe5caca7e10e4e61c3624eaa0941cd0) >> 128;
            if (ticks & 0x10 != 0) s = (s * 0xffcb9843d60f6159c9db58835c926644) >> 128;
            if (ticks & 0x20 != 0) s = (s * 0xff973b41fa98c081472e6896dfb254c0) >> 128;
            if (ticks & 0x40 != 0) s = (s * 0xff2ea16466c96a3843ec78b326b52861) >> 128;
            if (ticks & 0x80 != 0) s = (s * 0xfe5dee046a99a2a811c461f1969c3053) >> 128;
            if (ticks & 0x100 != 0) s = (s * 0xfcbe86c7900a88aedcffc83b479aa3a4) >> 128;
            if (ticks & 0x200 != 0) s = (s * 0xf987a7253ac413176f2b074cf7815e54) >> 128;
            if (ticks & 0x400 != 0) s = (s * 0xf3392b0822b70005940c7a398e4b70f3) >> 128;
            if (ticks & 0x800 != 0) s = (s * 0xe7159475a2c29b7443b29c7fa6e889d9) >> 128;
            if (ticks & 0x1000 != 0) s = (s * 0xd097f3bdfd2022b8845ad8f792aa5825) >> 128;
            if (ticks & 0x2000 != 0) s = (s * 0xa9f746462d870fdf8a65dc1f90e061e5) >> 128;
            if (ticks & 0x4000 != 0) s = (s * 0x70d869a156d2a1b890bb3df62baf32f7) >> 128;
            if (ticks & 0x8000 != 0) s = (s * 0x31be135f97d08fd981231505542fcfa6) >> 128;
            if (ticks & 0x10000 != 0) s = (s * 0x9aa508b5b7a84e1c677de54f3e99bc9) >> 128;
            if (ticks & 0x20000 != 0) s = (s * 0x5d6af8dedb81196699c329225ee604) >> 128;
            if (ticks & 0x40000 != 0) s = (s * 0x2216e584f5fa1ea926041bedfe98) >> 128;
            if (ticks & 0x80000 != 0) s = (s * 0x48a170391f7dc42444e8fa2) >> 128;
        }
    }
}
