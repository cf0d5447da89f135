internal import FoundationEssentials

/// What observations say about weights, apart from any prior: a Gaussian in information form.
///
/// Each observation is a site τ·x xᵀ in the precision and ν·x in the information vector, so evidence
/// adds up, in any order, and the same observations give the same evidence whatever prior it is later
/// read with.
public struct Evidence: Hashable, Sendable {
    /// Σ τ x xᵀ.
    public private(set) var precision: SymmetricMatrix
    /// Σ ν x.
    public private(set) var information: [Double]
    /// Σ of the observations' weights, faded as they are.
    public private(set) var weight: Double

    /// No evidence over so many axes.
    public init(axes: Int) {
        precision = SymmetricMatrix(size: axes)
        information = [Double](repeating: 0, count: axes)
        weight = 0
    }

    /// Adds one observation, at a weight.
    public mutating func add(_ site: Site, weight: Double = 1) {
        precision.add(outer: site.x, scale: weight * site.precision)
        for i in information.indices { information[i] += weight * site.shift * site.x[i] }
        self.weight += weight
    }

    /// Adds other evidence, with the utility scale of its observations multiplied by `reliability`.
    public mutating func add(_ other: Evidence, reliability: Double = 1) {
        precision.add(other.precision, scale: reliability * reliability)
        for i in information.indices { information[i] += reliability * other.information[i] }
        weight += other.weight
    }

    /// Lets all of it count less.
    public mutating func fade(to factor: Double) {
        precision.scale(by: factor)
        for i in information.indices { information[i] *= factor }
        weight *= factor
    }

    /// Forgets what it says about one axis and keeps what it says about the others, as if that axis'
    /// weight might have been anything.
    public mutating func forget(axis: Int) {
        let pivot = precision[axis, axis]
        guard pivot > 1e-12 else { return }
        let row = (0..<precision.size).map { precision[axis, $0] }
        let shift = information[axis] / pivot
        precision.add(outer: row, scale: -1 / pivot)
        for i in information.indices { information[i] -= row[i] * shift }
        // Exactly zero, where rounding would leave a trace.
        for i in information.indices { precision[axis, i] = 0 }
        information[axis] = 0
    }
}

/// One observation as the learner counts it: along x, with a precision τ and a shift ν.
public struct Site: Hashable, Sendable {
    /// The direction in which utility was compared.
    public let x: [Double]
    /// τ.
    public let precision: Double
    /// ν.
    public let shift: Double

    /// Makes a site.
    public init(x: [Double], precision: Double, shift: Double) {
        self.x = x
        self.precision = precision
        self.shift = shift
    }
}

extension Evidence: Codable {
    /// The lower triangle of the precision, the information and the weight, as 32-bit floats: what a
    /// user's state has to say fits in less than a kilobyte.
    public init(from decoder: any Decoder) throws {
        let data = try decoder.singleValueContainer().decode(Data.self)
        let count = data.count / 4
        // n (n + 1) / 2 + n + 1 floats.
        var axes = 0
        while (axes + 1) * (axes + 2) / 2 + axes + 1 < count { axes += 1 }
        guard data.count % 4 == 0, axes * (axes + 1) / 2 + axes + 1 == count else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no evidence has this size")
            )
        }
        var floats: [Double] = []
        floats.reserveCapacity(count)
        let bytes = Array(data)
        for i in 0..<count {
            let pattern = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[i * 4 + $1]) << (8 * $1) }
            let value = Double(Float(bitPattern: pattern))
            guard value.isFinite else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "not a finite number")
                )
            }
            floats.append(value)
        }
        self.init(axes: axes)
        var next = 0
        for i in 0..<axes {
            for j in 0...i {
                precision[i, j] = floats[next]
                next += 1
            }
        }
        information = Array(floats[next..<(next + axes)])
        weight = floats[next + axes]
    }

    /// Writes what ``init(from:)`` reads.
    public func encode(to encoder: any Encoder) throws {
        var bytes: [UInt8] = []
        func append(_ value: Double) {
            let pattern = Float(value).bitPattern
            for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: pattern >> (8 * shift))) }
        }
        for i in 0..<precision.size { for j in 0...i { append(precision[i, j]) } }
        for value in information { append(value) }
        append(weight)
        var container = encoder.singleValueContainer()
        try container.encode(Data(bytes))
    }
}
