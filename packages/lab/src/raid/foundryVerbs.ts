// What every test of a find has, whatever was found.

export const vmInterface = `interface Vm {
    function chainId(uint256 id) external;
    function coinbase(address to) external;
    function deal(address to, uint256 balance) external;
    function etch(address at, bytes calldata code) external;
    function fee(uint256 baseFee) external;
    function prank(address from, address origin) external;
    function prevrandao(bytes32 word) external;
    function roll(uint256 number) external;
    function setBlockhash(uint256 number, bytes32 hash) external;
    function setNonceUnsafe(address of_, uint64 nonce) external;
    function store(address at, bytes32 key, bytes32 word) external;
    function warp(uint256 timestamp) external;
}`;

export const errorsOfTest = `    /// In the unit of account with 18 decimals.
    error FindTest_GainsLess(int256 gained, int256 least);
    error FindTest_Fails(uint256 transaction, bytes answer);
    error FindTest_DoesNotFail(uint256 transaction);
    /// The state has an account where forge has the test itself, or its cheat codes.
    error FindTest_PlaceTaken(address account);`;

export const verbsOfTest = `    /// In whole units, modulo 2^256, and in what is left of them: a balance may be endless, and the price of all of it no number.
    function _heldNative(uint256 unit) private view returns (uint256 whole, uint256 part) {
        address[] memory accounts = _accounts();
        for (uint256 i; i < accounts.length; ++i) {
            whole += accounts[i].balance / unit;
            part += accounts[i].balance % unit;
        }
    }

    /// Nothing where there is no answer.
    function _held(address token, uint256 unit) private view returns (uint256 whole, uint256 part) {
        address[] memory accounts = _accounts();
        for (uint256 i; i < accounts.length; ++i) {
            (bool ok, bytes memory answer) = token.staticcall(abi.encodeWithSignature("balanceOf(address)", accounts[i]));
            if (!ok || answer.length < 32) continue;
            uint256 word;
            assembly {
                word := mload(add(answer, 32))
            }
            unchecked {
                whole += word / unit;
            }
            part += word % unit;
        }
    }

    function _enter(uint256 number, uint256 timestamp, uint256 baseFee, address coinbase, bytes32 prevRandao) private {
        vm.roll(number);
        vm.warp(timestamp);
        vm.fee(baseFee);
        vm.coinbase(coinbase);
        vm.prevrandao(prevRandao);
    }

    function _send(uint256 number, address from, address to, uint256 value, uint256 gas_, bytes memory input) private {
        (bool ok, bytes memory answer) = _call(from, to, value, gas_, input);
        if (!ok) revert FindTest_Fails(number, answer);
    }

    function _sendFailing(uint256 number, address from, address to, uint256 value, uint256 gas_, bytes memory input) private {
        (bool ok,) = _call(from, to, value, gas_, input);
        if (ok) revert FindTest_DoesNotFail(number);
    }

    function _call(address from, address to, uint256 value, uint256 gas_, bytes memory input)
        private
        returns (bool ok, bytes memory answer)
    {
        vm.prank(from, from);
        (ok, answer) = to.call{value: value, gas: gas_}(input);
    }

    function _create(uint256 number, address from, uint256 value, bytes memory input) private {
        if (_created(from, value, input) == address(0)) revert FindTest_Fails(number, "");
    }

    function _createFailing(uint256 number, address from, uint256 value, bytes memory input) private {
        if (_created(from, value, input) != address(0)) revert FindTest_DoesNotFail(number);
    }

    function _created(address from, uint256 value, bytes memory input) private returns (address created) {
        vm.prank(from, from);
        assembly {
            created := create(value, add(input, 32), mload(input))
        }
    }

    function _put(address account, uint256 balance, uint64 nonce) private {
        if (account == address(this) || account == address(vm)) revert FindTest_PlaceTaken(account);
        vm.deal(account, balance);
        vm.setNonceUnsafe(account, nonce);
    }

    /// Whole words, and at the end whatever is left: memory is taken in words.
    function _fill(bytes memory data, uint256 from, bytes memory part) private pure {
        for (uint256 at; at < part.length; at += 32) {
            assembly {
                mstore(add(add(add(data, 32), from), at), mload(add(add(part, 32), at)))
            }
        }
    }

    /// A key and its word, and again.
    function _store(address account, bytes memory slots) private {
        for (uint256 at = 32; at <= slots.length; at += 64) {
            bytes32 key;
            bytes32 word;
            assembly {
                key := mload(add(slots, at))
                word := mload(add(slots, add(at, 32)))
            }
            vm.store(account, key, word);
        }
    }`;
