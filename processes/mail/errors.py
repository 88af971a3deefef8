"""What can go wrong when people deal with mail."""

from engine.errors import ConflictError


class AlreadyHandledError(ConflictError):
    """{by} dealt with this mail at {at}."""

    code = "mail_handled"
