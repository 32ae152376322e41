// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGuardianCouncil} from "../interfaces/IGuardianCouncil.sol";
import {Office} from "./Office.sol";

/// @notice The council's seven seats: who sits where, when each was last heard of, and the thresholds.
struct Seats {
    Office office;
    address[7] members;
    mapping(address account => uint8) placeOf; // index + 1; zero is no member
}

using SeatsLib for Seats global;

library SeatsLib {
    uint256 internal constant MAX_MEMBERS = 7;
    uint256 private constant SILENCE = 30 days;

    function add(Seats storage self, address account) internal {
        if (account == address(0) || account == address(this) || self.placeOf[account] != 0) {
            revert IGuardianCouncil.Council_BadMember(account);
        }
        for (uint256 i; i < MAX_MEMBERS; ++i) {
            if (self.members[i] != address(0)) continue;
            self.members[i] = account;
            self.placeOf[account] = uint8(i + 1);
            self.office = self.office.seenNow(i + 1);
            return;
        }
        revert IGuardianCouncil.Council_Full(MAX_MEMBERS);
    }

    function drop(Seats storage self, address account) internal {
        uint8 place = known(self, account);
        delete self.members[place - 1];
        delete self.placeOf[account];
        self.office = self.office.vacate(place);
    }

    function setThresholds(Seats storage self, uint8 m1, uint8 m2, uint8 m3) internal {
        Office office = self.office;
        (, uint256 live) = count(office);
        if (m1 == 0 || m1 >= m2 || m2 > m3 || m3 > live) {
            revert IGuardianCouncil.Council_BadThresholds(m1, m2, m3, live);
        }
        self.office = office.withThresholds(m1, m2, m3);
    }

    function known(Seats storage self, address account) internal view returns (uint8 place) {
        place = self.placeOf[account];
        if (place == 0) revert IGuardianCouncil.Council_NotMember(account);
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
}
