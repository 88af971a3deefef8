"""How many examples: few and always the same in `make test`, many new ones to look for faults.

`HYPOTHESIS_PROFILE=long .venv/bin/python -m pytest --timeout=0 tests/engine/properties` searches
for hours, with `HYPOTHESIS_TIMES=10` for minutes; each counter-example it prints is pasted into
`test_found_by_search.py`.
"""

import os

from hypothesis import HealthCheck, Phase, settings

_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
_LONGER = int(os.environ.get("HYPOTHESIS_TIMES", "300"))
"""How many times as many examples the long profile tries."""


def examples(count: int) -> settings:
    """Return settings for so many examples, or very many in the long profile."""
    return settings(
        max_examples=count * _LONGER if _LONG else count,
        derandomize=not _LONG,
        database=None,
        deadline=None,
        print_blob=False,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
