// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Looks for selectors in a contract's code.
library SelectorScan {
    /// @notice The first of `selectors` whose four bytes stand anywhere in the code of `account`, or zero.
    /// @dev A dispatcher must hold the selectors it answers, in whatever form, so nothing is missed but a selector
    /// computed at run time or one with leading zeros. A chance match in 24 kB of code has odds of about 1 in 15,000 and
    /// is refused too. Costs about 100 gas a byte, paid at deployment and upgrade only.
    function find(address account, bytes4[] memory selectors) internal view returns (bytes4) {
        bytes memory code = account.code;
        uint256 lastBytes;
        for (uint256 i; i < selectors.length; ++i) lastBytes |= 1 << uint8(uint32(selectors[i]));
        uint256 length = code.length;
        uint256 window;
        unchecked {
            for (uint256 i; i < length; ++i) {
                uint256 b = uint8(code[i]);
                window = (window << 8) | b;
                // One bit test drops nearly all places.
                if ((lastBytes >> b) & 1 == 0 || i < 3) continue;
                for (uint256 j; j < selectors.length; ++j) {
                    if (selectors[j] == bytes4(uint32(window))) return selectors[j];
                }
            }
        }
        return 0;
    }
}
