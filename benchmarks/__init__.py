"""Programs that measure sockstream beside its peers; the README says how to run them."""
