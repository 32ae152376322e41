// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IGuardianCouncil} from "../../../src/interfaces/IGuardianCouncil.sol";
import {CouncilTypes} from "../../../src/libraries/CouncilTypes.sol";

/// A member of the council that is a contract: whoever has its key signs for it.
contract Guardian is IERC1271 {
    address public holder;
    mapping(bytes32 digest => bool) private _signed;

    error Guardian_NotHolder(address caller);

    modifier onlyHolder() {
        if (msg.sender != holder) revert Guardian_NotHolder(msg.sender);
        _;
    }

    constructor() {
        holder = msg.sender;
    }

    function sign(bytes32 digest) external onlyHolder {
        _signed[digest] = true;
    }

    /// The key is stolen.
    function give(address holder_) external onlyHolder {
        holder = holder_;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return _signed[digest] ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

/// Whoever holds some guardians' keys, honest or not: signs with all of them and sends.
contract Signers {
    address public immutable owner = msg.sender;
    uint256 private _nonce;

    error Signers_NotOwner(address caller);

    modifier onlyOwner() {
        if (msg.sender != owner) revert Signers_NotOwner(msg.sender);
        _;
    }

    /// New members, whose keys are here.
    function appoint(uint256 count) external onlyOwner returns (address[] memory members) {
        members = new address[](count);
        for (uint256 i; i < count; ++i) members[i] = address(new Guardian());
    }

    function give(Guardian guardian, address to) external onlyOwner {
        guardian.give(to);
    }

    function pause(IGuardianCouncil council, address target, bytes4[] calldata selectors, uint40 until)
        external
        onlyOwner
    {
        IGuardianCouncil.Pause memory m = IGuardianCouncil.Pause(
            target, selectors, until, "pause", "evidence", _next(), block.timestamp + 1 hours
        );
        council.pauseBySig(m, _sign(council, this.hashPause(m)));
    }

    function halt(IGuardianCouncil council, address target, uint40 until) external onlyOwner {
        IGuardianCouncil.FullHalt memory m = IGuardianCouncil.FullHalt(
            target, new bytes4[](0), until, "halt", "evidence", _next(), block.timestamp + 1 hours
        );
        council.haltBySig(m, _sign(council, this.hashHalt(m)));
    }

    function veto(IGuardianCouncil council, bytes32 opId) external onlyOwner {
        IGuardianCouncil.Veto memory m = IGuardianCouncil.Veto(opId, _next(), block.timestamp + 1 hours);
        council.vetoBySig(m, _sign(council, this.hashVeto(m)));
    }

    /* HASHES: of call data, so that they are called from here */

    function hashPause(IGuardianCouncil.Pause calldata m) external pure returns (bytes32) {
        return CouncilTypes.hash(m, m.selectors);
    }

    function hashHalt(IGuardianCouncil.FullHalt calldata m) external pure returns (bytes32) {
        return CouncilTypes.hash(m);
    }

    function hashVeto(IGuardianCouncil.Veto calldata m) external pure returns (bytes32) {
        return CouncilTypes.hash(m);
    }

    /* INTERNAL */

    function _sign(IGuardianCouncil council, bytes32 structHash) private returns (bytes[] memory sigs) {
        bytes32 digest = MessageHashUtils.toTypedDataHash(council.domainSeparator(), structHash);
        address[] memory mine = _mine(council);
        sigs = new bytes[](mine.length);
        for (uint256 i; i < mine.length; ++i) {
            Guardian(mine[i]).sign(digest);
            sigs[i] = abi.encodePacked(mine[i]);
        }
    }

    /// The members whose keys are here, in ascending order.
    function _mine(IGuardianCouncil council) private view returns (address[] memory list) {
        address[7] memory all = council.members();
        list = new address[](7);
        uint256 count;
        for (uint256 i; i < 7; ++i) {
            // A member without code is a person, whose key is nobody else's.
            if (all[i].code.length == 0 || Guardian(all[i]).holder() != address(this)) continue;
            uint256 j = count++;
            for (; j > 0 && list[j - 1] > all[i]; --j) list[j] = list[j - 1];
            list[j] = all[i];
        }
        assembly {
            mstore(list, count)
        }
    }

    function _next() private returns (uint256) {
        return uint256(keccak256(abi.encode(address(this), ++_nonce)));
    }
}
