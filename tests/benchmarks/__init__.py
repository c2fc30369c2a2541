"""The benchmarks' programs in C: what they do when a peer is wrong."""
