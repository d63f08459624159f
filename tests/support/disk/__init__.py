"""A disk of paper under the product's own statements: it can be full, fail, or lose its power.

`driver` lets SQLAlchemy's pysqlite dialect speak to APSW; `paper` is the file system behind it.
"""

from tests.support.disk.driver import on_paper
from tests.support.disk.paper import Paper, image_at

__all__ = ["Paper", "image_at", "on_paper"]
