// The hashes that addresses are checked with. They guard nothing here: a validator tells an address
// from an accident with them. So PrefRules does without a cryptographic library.

/// SHA-256.
///
/// Source: FIPS 180-4, sections 5.1.1 and 6.2.
enum SHA256 {
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
        0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
        0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
        0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
        0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
        0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
        0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
        0xc671_78f2,
    ]

    /// The hash of a message, 32 bytes.
    static func hash(_ message: some Collection<UInt8>) -> [UInt8] {
        var padded = Array(message) + [0x80]
        padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
        padded += bytes(UInt64(message.count) * 8)
        var state: [UInt32] = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c,
            0x1f83_d9ab, 0x5be0_cd19,
        ]
        for start in stride(from: 0, to: padded.count, by: 64) {
            compress(&state, padded[start..<(start + 64)])
        }
        return state.flatMap { bytes($0) }
    }

    private static func compress(_ state: inout [UInt32], _ block: ArraySlice<UInt8>) {
        var words: [UInt32] = []
        for byte in stride(from: block.startIndex, to: block.endIndex, by: 4) {
            words.append(block[byte..<(byte + 4)].reduce(0) { $0 << 8 | UInt32($1) })
        }
        for index in 16..<64 {
            let early = words[index - 15]
            let late = words[index - 2]
            let first = right(early, 7) ^ right(early, 18) ^ early >> 3
            let second = right(late, 17) ^ right(late, 19) ^ late >> 10
            words.append(words[index - 16] &+ first &+ words[index - 7] &+ second)
        }
        var work = state
        for index in 0..<64 {
            let choice = work[4] & work[5] ^ ~work[4] & work[6]
            let majority = work[0] & work[1] ^ work[0] & work[2] ^ work[1] & work[2]
            let lower = right(work[4], 6) ^ right(work[4], 11) ^ right(work[4], 25)
            let upper = right(work[0], 2) ^ right(work[0], 13) ^ right(work[0], 22)
            let first = work[7] &+ lower &+ choice &+ constants[index] &+ words[index]
            work = [first &+ upper &+ majority] + work[0..<3] + [work[3] &+ first] + work[4..<7]
        }
        for index in state.indices { state[index] &+= work[index] }
    }

    private static func right(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        stride(from: value.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: value >> $0)
        }
    }
}

/// Keccak-256 as Ethereum uses it: the padding of 2011, not that of SHA-3.
///
/// Source: Keccak reference, version 3.0, sections 1.2 and 2; Ethereum yellow paper, appendix.
enum Keccak256 {
    /// The hash of a message, 32 bytes.
    static func hash(_ message: some Collection<UInt8>) -> [UInt8] {
        let rate = 136
        var padded = Array(message) + [1]
        padded += [UInt8](repeating: 0, count: (rate - padded.count % rate) % rate)
        padded[padded.count - 1] |= 0x80
        var lanes = [UInt64](repeating: 0, count: 25)
        for start in stride(from: 0, to: padded.count, by: rate) {
            for place in 0..<rate {
                lanes[place / 8] ^= UInt64(padded[start + place]) << (place % 8 * 8)
            }
            permute(&lanes)
        }
        return (0..<32).map { UInt8(truncatingIfNeeded: lanes[$0 / 8] >> ($0 % 8 * 8)) }
    }

    private static func permute(_ lanes: inout [UInt64]) {
        // The round constants come from a shift register.
        var register: UInt8 = 1
        for _ in 0..<24 {
            var columns = [UInt64](repeating: 0, count: 5)
            for index in 0..<25 { columns[index % 5] ^= lanes[index] }
            for index in 0..<25 {
                lanes[index] ^= columns[(index + 4) % 5] ^ left(columns[(index + 1) % 5], 1)
            }
            var x = 1
            var y = 0
            var carried = lanes[1]
            for step in 0..<24 {
                (x, y) = (y, (2 * x + 3 * y) % 5)
                let next = lanes[x + 5 * y]
                lanes[x + 5 * y] = left(carried, UInt64((step + 1) * (step + 2) / 2 % 64))
                carried = next
            }
            for row in stride(from: 0, to: 25, by: 5) {
                let old = Array(lanes[row..<(row + 5)])
                for x in 0..<5 { lanes[row + x] = old[x] ^ ~old[(x + 1) % 5] & old[(x + 2) % 5] }
            }
            for bit in 0..<7 {
                if register & 1 == 1 { lanes[0] ^= 1 << (1 << UInt64(bit) - 1) }
                register = register << 1 ^ (register >> 7 == 1 ? 0x71 : 0)
            }
        }
    }

    private static func left(_ lane: UInt64, _ count: UInt64) -> UInt64 {
        count == 0 ? lane : lane << count | lane >> (64 - count)
    }
}
