import pytest

from tests.csbot.staff import Shop, open_shop


@pytest.fixture
def shop(db: None) -> Shop:
    return open_shop()
