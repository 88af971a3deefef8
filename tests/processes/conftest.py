from tests.processes.fixtures import furnished, house

__all__ = ["furnished", "house"]
