typealias Network = SequenceGRU
