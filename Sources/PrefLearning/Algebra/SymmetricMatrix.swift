/// A small dense symmetric matrix, row by row.
public struct SymmetricMatrix: Hashable, Sendable {
    /// Rows, and columns.
    public let size: Int
    /// All entries, row by row; both triangles are kept.
    public private(set) var entries: [Double]

    /// Zero everywhere, or `diagonal` on the diagonal.
    public init(size: Int, diagonal: Double = 0) {
        self.size = size
        entries = [Double](repeating: 0, count: size * size)
        if diagonal != 0 { for i in 0..<size { entries[i * size + i] = diagonal } }
    }

    /// An entry; setting one sets its mirror image.
    public subscript(row: Int, column: Int) -> Double {
        get { entries[row * size + column] }
        set {
            entries[row * size + column] = newValue
            entries[column * size + row] = newValue
        }
    }

    /// Adds `scale` · x xᵀ.
    public mutating func add(outer x: [Double], scale: Double) {
        for i in 0..<size where x[i] != 0 {
            let factor = scale * x[i]
            let row = i * size
            for j in 0..<size { entries[row + j] += factor * x[j] }
        }
    }

    /// Adds `scale` · other.
    public mutating func add(_ other: SymmetricMatrix, scale: Double = 1) {
        for i in entries.indices { entries[i] += scale * other.entries[i] }
    }

    /// Multiplies every entry.
    public mutating func scale(by factor: Double) {
        for i in entries.indices { entries[i] *= factor }
    }

    /// The product with a vector.
    public func times(_ x: [Double]) -> [Double] {
        var product = [Double](repeating: 0, count: size)
        for i in 0..<size {
            var sum = 0.0
            let row = i * size
            for j in 0..<size { sum += entries[row + j] * x[j] }
            product[i] = sum
        }
        return product
    }

    /// xᵀ M x.
    public func quadratic(_ x: [Double]) -> Double { dot(x, times(x)) }

    /// Adds `scale` · other to the block that begins at a row and a column.
    mutating func add(
        _ other: SymmetricMatrix,
        atRow row: Int,
        column: Int,
        scale: Double = 1
    ) {
        for i in 0..<other.size {
            for j in 0..<other.size {
                entries[(row + i) * size + column + j] +=
                    scale * other.entries[i * other.size + j]
            }
        }
    }

    /// The lower triangle L with L Lᵀ = M, or nil where M is not positive definite.
    func cholesky() -> Cholesky? {
        var lower = entries
        for j in 0..<size {
            var pivot = lower[j * size + j]
            for k in 0..<j { pivot -= lower[j * size + k] * lower[j * size + k] }
            guard pivot > 1e-12 else { return nil }
            let root = pivot.squareRoot()
            lower[j * size + j] = root
            for i in (j + 1)..<max(size, j + 1) {
                var sum = lower[i * size + j]
                for k in 0..<j { sum -= lower[i * size + k] * lower[j * size + k] }
                lower[i * size + j] = sum / root
            }
        }
        return Cholesky(size: size, lower: lower)
    }
}

/// A factored positive definite matrix.
struct Cholesky {
    let size: Int
    let lower: [Double]

    /// ln det M.
    var logDeterminant: Double {
        2 * (0..<size).reduce(0) { $0 + Numeric.logarithm(lower[$1 * size + $1]) }
    }

    /// M⁻¹ b.
    func solve(_ b: [Double]) -> [Double] {
        var x = b
        for i in 0..<size {
            var sum = x[i]
            for k in 0..<i { sum -= lower[i * size + k] * x[k] }
            x[i] = sum / lower[i * size + i]
        }
        for i in stride(from: size - 1, through: 0, by: -1) {
            var sum = x[i]
            for k in (i + 1)..<max(size, i + 1) { sum -= lower[k * size + i] * x[k] }
            x[i] = sum / lower[i * size + i]
        }
        return x
    }

    /// M⁻¹.
    var inverse: SymmetricMatrix {
        var result = SymmetricMatrix(size: size)
        var unit = [Double](repeating: 0, count: size)
        for j in 0..<size {
            unit[j] = 1
            let column = solve(unit)
            unit[j] = 0
            for i in j..<size { result[i, j] = column[i] }
        }
        return result
    }
}

/// Σ xᵢ yᵢ over the shorter of the two.
func dot(_ x: [Double], _ y: [Double]) -> Double {
    var sum = 0.0
    for i in 0..<min(x.count, y.count) { sum += x[i] * y[i] }
    return sum
}
