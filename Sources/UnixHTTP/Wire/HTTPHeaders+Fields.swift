public import NIOHTTP1

extension HTTPHeaders {
    /// Removes the fields that describe one connection, not the message (RFC 9110 section 7.6.1).
    ///
    /// Also removed is every field that `Connection` names. A gateway calls this on what it
    /// forwards, in both directions.
    public mutating func removeConnectionFields() {
        for option in self[canonicalForm: "connection"] {
            remove(name: String(option))
        }
        for name in HTTPHeaders.connectionFields {
            remove(name: name)
        }
    }

    /// The fields of one hop: the ones of RFC 9110 and the customary ones of older proxies.
    static let connectionFields = [
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
        "upgrade", "proxy-authenticate", "proxy-authorization",
    ]

    /// The one `Content-Length` that these fields declare, in bytes; nil where there is none or
    /// it is not a number.
    var declaredLength: Int? {
        let values = self["content-length"]
        guard values.count == 1, let value = values.first, value.utf8.allSatisfy(\.isDigit) else {
            return nil
        }
        return Int(value)
    }
}

extension UInt8 {
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")

    /// A space or a tab.
    var isBlank: Bool { self == 0x20 || self == 0x09 }

    /// An ASCII digit.
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    /// A byte of a token (RFC 9110 section 5.6.2): what methods and field names are made of.
    var isTokenByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }

    /// A byte that may stand in a field's value: no CR, LF, NUL, nor any other control but tab.
    var isFieldValueByte: Bool { self >= 0x20 && self != 0x7F || self == 0x09 }
}

extension HTTPHeaders {
    /// The name of the first field that cannot go on the wire as it is, if any.
    ///
    /// A line break in a name or value would let whoever chose it write fields, or a whole
    /// message, of their own.
    var firstUnwritableField: String? {
        for (name, value) in self {
            if name.isEmpty || !name.utf8.allSatisfy(\.isTokenByte) { return name }
            if !value.utf8.allSatisfy(\.isFieldValueByte) { return name }
        }
        return nil
    }
}
