/// The validators that rule packs can name.
enum ValidatorName: String, CaseIterable {
    // What a random key looks like.
    case entropy
    case digits
    case letters
    case placeholder
    // Money.
    case luhn
    case iban
    case abaRouting = "aba-routing"
    case base58Check = "base58check"
    case bech32
    case ethereum
    // People, by country.
    case argentineCUIT = "ar-cuit"
    case australianMedicare = "au-medicare"
    case australianTFN = "au-tfn"
    case austrianSVNR = "at-svnr"
    case balticCode = "baltic-code"
    case belgianNumber = "be-nn"
    case brazilianCNPJ = "br-cnpj"
    case brazilianCPF = "br-cpf"
    case canadianSIN = "ca-sin"
    case chileanRUT = "cl-rut"
    case chineseResident = "cn-resident"
    case croatianOIB = "hr-oib"
    case czechRodneCislo = "cz-rc"
    case danishCPR = "dk-cpr"
    case dutchBSN = "nl-bsn"
    case finnishHETU = "fi-hetu"
    case frenchNIR = "fr-nir"
    case germanPersonalausweis = "de-personalausweis"
    case germanSteuerID = "de-steuer-id"
    case hongKongID = "hk-id"
    case indianAadhaar = "in-aadhaar"
    case irishPPSN = "ie-ppsn"
    case israeliID = "il-id"
    case italianCodiceFiscale = "it-codice-fiscale"
    case japaneseMyNumber = "jp-my-number"
    case koreanRRN = "kr-rrn"
    case mexicanCURP = "mx-curp"
    case newZealandIRD = "nz-ird"
    case nhsNumber = "uk-nhs"
    case norwegianFodselsnummer = "no-fodselsnummer"
    case polishPESEL = "pl-pesel"
    case portugueseNIF = "pt-nif"
    case romanianCNP = "ro-cnp"
    case singaporeanNRIC = "sg-nric"
    case southAfricanID = "za-id"
    case spanishDNI = "es-dni"
    case swedishPersonnummer = "se-personnummer"
    case swissAHV = "ch-ahv"
    case taiwaneseID = "tw-id"
    case thaiID = "th-id"
    case turkishTCKN = "tr-tckn"

    /// The validator itself.
    var validator: any Validator {
        typealias National = NationalIdentifiers
        return switch self {
        case .entropy: EntropyValidator()
        case .digits: PresenceValidator(ranges: [0x30...0x39])
        case .letters: PresenceValidator(ranges: [0x41...0x5a, 0x61...0x7a])
        case .placeholder: PlaceholderValidator()
        case .luhn: LuhnValidator()
        case .iban: IBANValidator()
        case .abaRouting: Self.digits(9, BankNumbers.isABARouting)
        case .base58Check: WholeValidator(isValid: AddressChecksums.isBase58Check)
        case .bech32: WholeValidator(isValid: AddressChecksums.isBech32)
        case .ethereum: WholeValidator(isValid: AddressChecksums.isEthereum)
        case .argentineCUIT: Self.digits(11, National.isCUIT)
        case .australianMedicare: Self.digits(10, National.isMedicare)
        case .australianTFN: Self.digits(9, National.isTFN)
        case .austrianSVNR: Self.digits(10, National.isSVNR)
        case .balticCode: Self.digits(11, National.isBalticCode)
        case .belgianNumber: Self.digits(11, National.isBelgianNumber)
        case .brazilianCNPJ: Self.characters(14...14, National.isCNPJ)
        case .brazilianCPF: Self.digits(11, National.isCPF)
        case .canadianSIN: Self.digits(9, National.isSIN)
        case .chileanRUT: Self.characters(8...9, National.isRUT)
        case .chineseResident: Self.characters(18...18, National.isChineseResident)
        case .croatianOIB: Self.digits(11, National.isOIB)
        case .czechRodneCislo: Self.digits(10, National.isRodneCislo)
        case .danishCPR: Self.digits(10, National.isCPR)
        case .dutchBSN: Self.digits(9, National.isBSN)
        case .finnishHETU: Self.characters(10...11, National.isHETU)
        case .frenchNIR: Self.characters(15...15, National.isNIR)
        case .germanPersonalausweis: Self.characters(10...10, National.isPersonalausweis)
        case .germanSteuerID: Self.digits(11, National.isSteuerID)
        case .hongKongID: Self.characters(8...8, National.isHKID)
        case .indianAadhaar: Self.digits(12, National.isAadhaar)
        case .irishPPSN: Self.characters(8...9, National.isPPSN)
        case .israeliID: Self.digits(9, National.isIsraeli)
        case .italianCodiceFiscale: Self.characters(16...16, National.isCodiceFiscale)
        case .japaneseMyNumber: Self.digits(12, National.isMyNumber)
        case .koreanRRN: Self.digits(13, National.isRRN)
        case .mexicanCURP: Self.characters(18...18, National.isCURP)
        case .newZealandIRD: Self.digits(9, National.isIRD)
        case .nhsNumber: Self.digits(10, National.isNHSNumber)
        case .norwegianFodselsnummer: Self.digits(11, National.isFodselsnummer)
        case .polishPESEL: Self.digits(11, National.isPESEL)
        case .portugueseNIF: Self.digits(9, National.isNIF)
        case .romanianCNP: Self.digits(13, National.isCNP)
        case .singaporeanNRIC: Self.characters(9...9, National.isNRIC)
        case .southAfricanID: Self.digits(13, National.isSouthAfrican)
        case .spanishDNI: Self.characters(9...9, National.isDNI)
        case .swedishPersonnummer: Self.digits(10, National.isPersonnummer)
        case .swissAHV: Self.digits(13, National.isAHV)
        case .taiwaneseID: Self.characters(10...10, National.isTaiwanese)
        case .thaiID: Self.digits(13, National.isThai)
        case .turkishTCKN: Self.digits(11, National.isTCKN)
        }
    }

    private static func digits(
        _ count: Int,
        _ isValid: @escaping @Sendable (ArraySlice<Int>) -> Bool
    ) -> any Validator {
        TailValidator(.digits, count...count, isValid)
    }

    private static func characters(
        _ counts: ClosedRange<Int>,
        _ isValid: @escaping @Sendable (ArraySlice<Int>) -> Bool
    ) -> any Validator {
        TailValidator(.alphanumerics, counts, isValid)
    }
}
