/// Something that has a blank value, to fill rows with.
protocol Blank: BitwiseCopyable {
    init()
}

extension UInt16: Blank {}

/// A short list in place. States are copied a million times a second, and arrays would be as many allocations.
struct Row<let capacity: Int, Element: Blank>: RandomAccessCollection, MutableCollection, BitwiseCopyable {
    private var elements: InlineArray<capacity, Element> = .init(repeating: Element())
    private var length: UInt8 = 0
    /// More was to be put in than it holds: a search that comes here has failed, because what it leaves out is not
    /// proven.
    private(set) var isOverfull = false

    init() {}

    init(_ elements: some Sequence<Element>) {
        for element in elements { append(element) }
    }

    var startIndex: Int { 0 }
    var endIndex: Int { Int(length) }

    subscript(index: Int) -> Element {
        get { elements[index] }
        // In place: a setter would copy the element out and in again.
        _modify { yield &elements[index] }
    }

    mutating func append(_ element: Element) {
        guard Int(length) < capacity else { return isOverfull = true }
        elements[Int(length)] = element
        length += 1
    }

    mutating func remove(at index: Int) {
        for following in index + 1..<endIndex { elements[following - 1] = elements[following] }
        length -= 1
    }

    mutating func removeAll(where isUnwanted: (Element) -> Bool) {
        var kept: UInt8 = 0
        for index in indices where !isUnwanted(elements[index]) {
            elements[Int(kept)] = elements[index]
            kept += 1
        }
        length = kept
    }
}

extension Row: Equatable where Element: Equatable {
    static func == (one: Row, other: Row) -> Bool { one.elementsEqual(other) }
}
