"""Persistence: tables, the committer, outbox, quarantine, readers, retention, migrations.

SQLAlchemy Core on SQLite. Knows no question, channel or page: it writes down what a turn says.
"""
