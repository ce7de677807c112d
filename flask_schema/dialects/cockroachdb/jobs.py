"""Schema changes that go on in the cluster after the client that asked for them is gone.

A statement with IF NOT EXISTS is answered at once while such a job still builds the object.
https://www.cockroachlabs.com/docs/stable/show-jobs
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

UNFINISHED: Final = """
    SELECT job_id FROM [SHOW JOBS] WHERE job_type IN ('SCHEMA CHANGE', 'NEW SCHEMA CHANGE', 'TYPEDESC SCHEMA CHANGE')
    AND status IN ('pending', 'running', 'reverting')
"""
WAIT: Final = "SHOW JOBS WHEN COMPLETE SELECT job_id FROM [SHOW JOBS] WHERE job_id IN ({})"


def wait_for_schema_changes(connection: sa.Connection) -> None:
    """Wait until the schema changes are done that the user may see; nothing is open on the connection afterwards.

    A user who may see none, or a server that does not know the statement, is no reason to fail.
    """
    if connection.in_transaction():
        connection.commit()  # what env.py did has to last: SET search_path
    try:
        ids = [int(one[0]) for one in connection.exec_driver_sql(UNFINISHED)]
        if ids:
            connection.exec_driver_sql(WAIT.format(", ".join(map(str, ids)))).all()
        connection.commit()
    except sa.exc.DBAPIError:
        connection.rollback()
