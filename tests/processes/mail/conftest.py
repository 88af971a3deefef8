import pytest

from tests.processes.post import Post


@pytest.fixture
def post(house) -> Post:
    """Mail that comes to the house."""
    return Post(house)
