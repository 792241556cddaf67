"""Ray, silent: it reads from the environment of its process what no argument says."""

import os

SILENCE = {
    # What happens to workers is printed on standard output, where rows or a summary may go.
    "RAY_DEDUP_LOGS": "1",
    "RAY_DEDUP_LOGS_SKIP_REGEX": "^",
    "RAY_SCHEDULER_EVENTS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # Ray warns where it is not set
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_NUM_REDIS_GET_RETRIES": "1",  # so many times it waits half a minute for an answer
}


def silence_ray() -> None:
    """Have Ray, which is not imported yet, print nothing in this process, which is ours."""
    os.environ.update(SILENCE)
