// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SeatPage} from "../../src/SeatPage.sol";
import {CreatedAddress} from "../../src/libraries/CreatedAddress.sol";
import {Office, OfficeLib} from "../../src/libraries/Office.sol";
import {Base} from "../Base.t.sol";

contract CreatedAddressTest is Base {
    function turn(Office office) external pure returns (Office) {
        return office.turned(1, 2, 3);
    }

    /// Each length that RLP gives a page's number.
    function test_fuzz_COUNCIL_01_aPageLiesWhereItsNumberSays(uint256 number, uint256 size) external {
        size = bound(size, 1, 3);
        number = bound(number, 1, (1 << (8 * size)) - 1);
        address[7] memory seats;
        // A nonce never falls.
        if (number < vm.getNonce(address(this))) number = vm.getNonce(address(this));
        vm.setNonce(address(this), uint64(number));
        eq(CreatedAddress.locate(address(this), number), address(new SeatPage(seats)), "address");
    }

    function test_fuzz_COUNCIL_04_aTurnedPageKeepsEverySeat(uint256 word, uint256 page) external view {
        page = bound(page, 0, OfficeLib.MAX_PAGES - 1);
        Office office = Office.wrap((word << 32) | (page << 12) | (word >> 244));
        Office now_ = this.turn(office);
        eq(now_.page(), page + 1, "page");
        eq(Office.unwrap(now_) >> 32, Office.unwrap(office) >> 32, "seats");
        (uint256 a, uint256 b, uint256 c) = (now_.m1(), now_.m2(), now_.m3());
        yes(a == 1 && b == 2 && c == 3, "thresholds");
        for (uint256 rank = 1; rank <= 3; ++rank) eq(now_.threshold(rank), rank, "threshold");
    }

    function test_COUNCIL_04_theLastPageIsNotTurned() external {
        Office office = Office.wrap(OfficeLib.MAX_PAGES << 12);
        vm.expectRevert();
        this.turn(office);
    }
}
