"""A real Locust, of many releases, against the real example service."""
