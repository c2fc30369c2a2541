"""Node's documented `net`, name by name, against ours: `net.toml` is the list, `test_net.py` the check."""
