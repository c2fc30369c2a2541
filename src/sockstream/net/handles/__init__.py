"""What moves a socket's bytes: the port and its implementations."""
