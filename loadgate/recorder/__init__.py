"""The recorder: listens inside Locust."""
