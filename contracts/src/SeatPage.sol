// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title SeatPage: who sits on the seven seats of a GuardianCouncil, as code.
/// @notice Members change only by a rotation, which writes a new page. Reading all of them costs one cold account,
/// where each would cost a cold slot in storage.
/// @dev Made and read by the council alone; it holds nothing and calls nobody.
contract SeatPage {
    uint256 private immutable SEAT_1;
    uint256 private immutable SEAT_2;
    uint256 private immutable SEAT_3;
    uint256 private immutable SEAT_4;
    uint256 private immutable SEAT_5;
    uint256 private immutable SEAT_6;
    uint256 private immutable SEAT_7;

    /// @param seats The members in the order of their places; zero is a free seat.
    constructor(address[7] memory seats) {
        (SEAT_1, SEAT_2, SEAT_3, SEAT_4) = (word(seats[0]), word(seats[1]), word(seats[2]), word(seats[3]));
        (SEAT_5, SEAT_6, SEAT_7) = (word(seats[4]), word(seats[5]), word(seats[6]));
    }

    /// @notice The members in the order of their places; zero is a free seat. Seven results and not an array, which would
    /// be copied in a loop on both sides, and words, of which no caller asks whether they are addresses.
    function members() external view returns (uint256, uint256, uint256, uint256, uint256, uint256, uint256) {
        return (SEAT_1, SEAT_2, SEAT_3, SEAT_4, SEAT_5, SEAT_6, SEAT_7);
    }

    function word(address account) private pure returns (uint256) {
        return uint160(account);
    }
}
