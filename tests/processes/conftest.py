from tests.processes.fixtures import house

__all__ = ["house"]
