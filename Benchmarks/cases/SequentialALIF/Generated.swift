typealias Network = SequentialALIF
