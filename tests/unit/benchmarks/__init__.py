"""The benchmarks' own arithmetic, tables and pictures; nothing is measured here."""
