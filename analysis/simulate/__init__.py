"""A market that never was, with flows we know because we planted them."""
