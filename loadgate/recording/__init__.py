"""The data of a recording: what the recorder writes and `check` reads. It knows no Locust."""
