"""The load test with locust-plugins, which adds the options `--check-...`."""

import locust_plugins
from forgiving import Shop

__all__ = ["Shop", "locust_plugins"]
