"""What a process holds in memory."""

from pathlib import Path

_STATUS = Path("/proc/self/status")


def resident_mb() -> float:
    """Return the resident memory of this process in MB; 0 where the system does not tell."""
    if not _STATUS.exists():
        return 0.0
    for line in _STATUS.read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return 0.0
