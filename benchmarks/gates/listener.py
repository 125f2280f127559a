"""The gate that Locust has by itself: the listener of docs/why-not-locust-alone.md."""

from forgiving import Shop
from locust import events

__all__ = ["Shop"]


@events.quitting.add_listener
def gate(environment, **_):
    """Set the exit code."""
    total = environment.stats.total
    if total.num_requests == 0:
        environment.process_exit_code = 3
    elif total.fail_ratio > 0.01 or total.get_response_time_percentile(0.95) > 800:
        environment.process_exit_code = 1
    else:
        environment.process_exit_code = 0
