// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// A verifier of proofs that says yes to one statement, or misbehaves.
contract MockVerifier {
    enum Mode {
        HONEST,
        FALSE,
        REVERTS,
        BURNS,
        BOMBS,
        LONG,
        SHORT,
        TWO
    }

    Mode public mode;
    bytes32 private statement;
    uint256 private work;

    /// Takes about so much gas before it says yes.
    function setWork(uint256 gas_) external {
        work = gas_;
    }

    function set(Mode mode_) external {
        mode = mode_;
    }

    /// Says yes to this statement and proof alone.
    function allow(bytes32 programId, bytes calldata publicInputs, bytes calldata proof) external {
        statement = keccak256(abi.encode(programId, publicInputs, proof));
    }

    function verify(bytes32 programId, bytes calldata publicInputs, bytes calldata proof) external view returns (bool) {
        if (mode == Mode.FALSE) return false;
        if (mode == Mode.REVERTS) revert("SumcheckFailed");
        if (mode == Mode.BURNS) while (true) {}
        if (mode == Mode.BOMBS) _return(1, 100_000);
        if (mode == Mode.LONG) _return(1, 64);
        if (mode == Mode.SHORT) _return(1, 31);
        if (mode == Mode.TWO) _return(2, 32);
        uint256 start = gasleft();
        while (start - gasleft() < work) {}
        return keccak256(abi.encode(programId, publicInputs, proof)) == statement;
    }

    function _return(uint256 word, uint256 size) private pure {
        assembly {
            mstore(0, word)
            return(0, size)
        }
    }
}

/// The shape of a generated UltraHonk verifier: takes words, answers or reverts.
contract MockHonk {
    bytes32 private statement;
    bool private reverts;

    function set(bytes32 statement_, bool reverts_) external {
        (statement, reverts) = (statement_, reverts_);
    }

    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external view returns (bool) {
        bool right = keccak256(abi.encode(proof, publicInputs)) == statement;
        require(right || !reverts, "ShpleminiFailed");
        return right;
    }
}
