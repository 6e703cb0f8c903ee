typealias Network = SequenceLSTM
