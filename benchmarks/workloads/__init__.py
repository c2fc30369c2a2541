"""The workloads, one a module: whoever adds a file here adds a benchmark."""
