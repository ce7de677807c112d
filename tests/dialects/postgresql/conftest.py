from __future__ import annotations

import pytest
import sqlalchemy as sa

from .live_database import LiveDatabase


@pytest.fixture
def live(postgresql_engine: sa.Engine) -> LiveDatabase:
    """An empty database of a real server."""
    return LiveDatabase(postgresql_engine)
