"""What reads documents with an LSTM on a CPU: a compiled kernel, and its twin of torch."""
