internal import Yams

/// A place in the configuration file.
struct Place: Equatable {
    /// The line, from 1.
    let line: Int
    /// The column, from 1, in Unicode scalars.
    let column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}

extension Node {
    /// Where the node begins.
    var place: Place? { mark.map(Place.init) }
}
