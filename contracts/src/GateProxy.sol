// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {Proxy} from "@openzeppelin/contracts/proxy/Proxy.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";
import {SelectorBreaker} from "./SelectorBreaker.sol";
import {IGateProxy} from "./interfaces/IGateProxy.sol";
import {ISelectorBreaker} from "./interfaces/ISelectorBreaker.sol";
import {PauseStorage} from "./libraries/PauseStorage.sol";
import {SelectorScan} from "./libraries/SelectorScan.sol";
import {Why} from "./libraries/Why.sol";

/// @title GateProxy
contract GateProxy is IGateProxy, SelectorBreaker, Proxy {
    using StorageSlot for bytes32;

    /* IMMUTABLES */

    /// Only caller of `upgradeGate` and `setGate`.
    address private immutable TIMELOCK;

    /// ERC-7201: keccak256(abi.encode(uint256(keccak256("testudo.storage.GateProxy")) - 1)) & ~0xff. Holds the
    /// implementation in the low 160 bits and the open flag above, so that an open gate costs no second read.
    bytes32 private constant GATE_SLOT = 0x5da4d7791a33da834b4803b4c2ecb78ba07640a1672548ee2791a753b5fd6600;
    uint256 private constant OPEN = 1 << 160;

    /* CONSTRUCTOR */

    /// @param implementation The code to delegate to. @param initData Its initialiser call, or empty to call it later.
    /// @param controller The CircuitBreaker. @param timelock The TimelockController.
    constructor(address implementation, bytes memory initData, address controller, address timelock)
        payable
        SelectorBreaker(controller)
    {
        TIMELOCK = timelock;
        _setImplementation(implementation, 0);
        if (initData.length > 0) Address.functionDelegateCall(implementation, initData);
        else if (msg.value > 0) revert ERC1967Utils.ERC1967NonPayable();
    }

    /* MODIFIERS */

    modifier onlyTimelock(Why calldata why) {
        if (msg.sender != TIMELOCK) revert Gate_NotTimelock(msg.sender);
        if (why.evidence == 0) revert Gate_NoEvidence();
        _;
    }

    /* TIMELOCK FUNCTIONS */

    /// @inheritdoc IGateProxy
    function upgradeGate(address implementation, bytes calldata data, Why calldata why)
        external
        payable
        onlyTimelock(why)
    {
        _setImplementation(implementation, GATE_SLOT.getUint256Slot().value & OPEN);
        emit Loosened(msg.sender, bytes32(bytes20(implementation)), why.reason, why.evidence);
        if (data.length > 0) Address.functionDelegateCall(implementation, data);
        else if (msg.value > 0) revert ERC1967Utils.ERC1967NonPayable();
    }

    /// @inheritdoc IGateProxy
    function setGate(bool open, Why calldata why) external onlyTimelock(why) {
        StorageSlot.Uint256Slot storage slot = GATE_SLOT.getUint256Slot();
        slot.value = open ? slot.value | OPEN : slot.value & ~OPEN;
        bytes32 subject = bytes32(bytes20(address(this)));
        if (open) emit Loosened(msg.sender, subject, why.reason, why.evidence);
        else emit Tightened(msg.sender, subject, why.reason, why.evidence);
    }

    /* VIEWS */

    /// @inheritdoc IGateProxy
    function gate() external view returns (address, bool, address) {
        uint256 value = GATE_SLOT.getUint256Slot().value;
        return (address(uint160(value)), value & OPEN != 0, TIMELOCK);
    }

    /// @inheritdoc IGateProxy
    function gateHealthy() external view returns (bool, bytes32) {
        uint256 value = GATE_SLOT.getUint256Slot().value;
        if (selectorBreaker.code.length == 0) return (false, "controller has no code");
        if (TIMELOCK.code.length == 0) return (false, "timelock has no code");
        if (address(uint160(value)).code.length == 0) return (false, "implementation has no code");
        if (value & OPEN != 0) return (false, "gate is open");
        if (ERC1967Utils.getImplementation() != address(uint160(value))) return (false, "ERC-1967 slot overwritten");
        return (true, 0);
    }

    /* INTERNAL */

    function _fallback() internal override {
        uint256 value = GATE_SLOT.getUint256Slot().value;
        if (value & OPEN == 0) PauseStorage.enforce();
        _delegate(address(uint160(value)));
    }

    function _implementation() internal view override returns (address) {
        return address(uint160(GATE_SLOT.getUint256Slot().value));
    }

    function _setImplementation(address implementation, uint256 flag) private {
        if (implementation.code.length == 0) revert Gate_NoCode(implementation);
        bytes4 clash = SelectorScan.find(implementation, _ownSelectors());
        if (clash != 0) revert Gate_SelectorClash(clash);
        GATE_SLOT.getUint256Slot().value = uint256(uint160(implementation)) | flag;
        ERC1967Utils.IMPLEMENTATION_SLOT.getAddressSlot().value = implementation;
        emit Upgraded(implementation);
    }

    function _ownSelectors() private pure returns (bytes4[] memory own) {
        own = new bytes4[](10);
        own[0] = ISelectorBreaker.selectorBreaker.selector;
        own[1] = ISelectorBreaker.pausedUntil.selector;
        own[2] = ISelectorBreaker.pauseWord.selector;
        own[3] = ISelectorBreaker.guardRule.selector;
        own[4] = ISelectorBreaker.writePause.selector;
        own[5] = ISelectorBreaker.writeRule.selector;
        own[6] = IGateProxy.upgradeGate.selector;
        own[7] = IGateProxy.setGate.selector;
        own[8] = IGateProxy.gate.selector;
        own[9] = IGateProxy.gateHealthy.selector;
    }
}
