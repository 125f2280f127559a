"""The recorder, inside real Locusts against a server that counts."""
