// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGuardianCouncil} from "../interfaces/IGuardianCouncil.sol";
import {SeatPage} from "../SeatPage.sol";
import {CreatedAddress} from "./CreatedAddress.sol";
import {Office, OfficeLib} from "./Office.sol";

/// @notice The council's seven seats. Who sits where is the code of the page whose number the office tells.
struct Seats {
    Office office;
}

using SeatsLib for Seats global;

/// @dev The council creates nothing but pages, so that the address of one follows from its number.
library SeatsLib {
    uint256 internal constant MAX_MEMBERS = 7;
    uint256 private constant SILENCE = 30 days;

    /// @dev Drops, then adds members, sets the thresholds and writes the page.
    function rotate(Seats storage self, address[] memory add, address[] memory drop, uint8 m1, uint8 m2, uint8 m3)
        internal
    {
        Office office = self.office;
        address[7] memory seats;
        if (office.page() != 0) seats = members(office);
        for (uint256 i; i < drop.length; ++i) office = leave(office, seats, drop[i]);
        for (uint256 i; i < add.length; ++i) office = join(office, seats, add[i]);
        (, uint256 live) = count(office);
        if (m1 == 0 || m1 >= m2 || m2 > m3 || m3 > live) {
            revert IGuardianCouncil.Council_BadThresholds(m1, m2, m3, live);
        }
        office = office.turned(m1, m2, m3);
        self.office = office;
        assert(address(new SeatPage(seats)) == address(page(office)));
    }

    function page(Office office) internal view returns (SeatPage) {
        return SeatPage(CreatedAddress.locate(address(this), office.page()));
    }

    /// @dev The members in the order of their places.
    function members(Office office) internal view returns (address[7] memory m) {
        (uint256 a, uint256 b, uint256 c, uint256 d, uint256 e, uint256 f, uint256 g) = page(office).members();
        (m[0], m[1], m[2], m[3]) = (account(a), account(b), account(c), account(d));
        (m[4], m[5], m[6]) = (account(e), account(f), account(g));
    }

    function account(uint256 word) private pure returns (address) {
        return address(uint160(word));
    }

    /// @dev The place of a member; zero of everybody else. Written out, as each signer of a pause pays for each step.
    function placeOf(address[7] memory seats, address who) internal pure returns (uint256) {
        if (who == address(0)) return 0;
        if (who == seats[0]) return 1;
        if (who == seats[1]) return 2;
        if (who == seats[2]) return 3;
        if (who == seats[3]) return 4;
        if (who == seats[4]) return 5;
        if (who == seats[5]) return 6;
        return who == seats[6] ? 7 : 0;
    }

    function known(Office office, address who) internal view returns (uint256 place) {
        place = placeOf(members(office), who);
        if (place == 0) revert IGuardianCouncil.Council_NotMember(who);
    }

    /// @dev How many seats are taken, and by how many members that were heard of lately.
    function count(Office office) internal view returns (uint256 total, uint256 live) {
        for (uint256 place = 1; place <= MAX_MEMBERS; ++place) {
            uint40 lastSeen = office.lastSeen(place);
            if (lastSeen == 0) continue;
            ++total;
            if (!isSilent(lastSeen)) ++live;
        }
    }

    function isSilent(uint40 lastSeen) internal view returns (bool) {
        return block.timestamp - lastSeen > SILENCE;
    }

    function join(Office office, address[7] memory seats, address who) private view returns (Office) {
        if (who == address(0) || who == address(this) || placeOf(seats, who) != 0) {
            revert IGuardianCouncil.Council_BadMember(who);
        }
        uint256 place = freePlace(seats);
        seats[place - 1] = who;
        return office.seenNow(OfficeLib.fieldOf(place));
    }

    function leave(Office office, address[7] memory seats, address who) private pure returns (Office) {
        uint256 place = placeOf(seats, who);
        if (place == 0) revert IGuardianCouncil.Council_NotMember(who);
        seats[place - 1] = address(0);
        return office.vacate(place);
    }

    function freePlace(address[7] memory seats) private pure returns (uint256) {
        for (uint256 i; i < MAX_MEMBERS; ++i) if (seats[i] == address(0)) return i + 1;
        revert IGuardianCouncil.Council_Full(MAX_MEMBERS);
    }
}
