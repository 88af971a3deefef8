"""What can go wrong with files, each with the status a face answers."""

from engine.errors import (
    AppError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)


class NoRoomError(AppError):
    """There is no room left to keep this file. Nothing was changed."""

    code = "no_room"
    status = 507


class StoreAwayError(UnavailableError):
    """Files cannot be reached at the moment; please try again."""

    code = "files_away"


class FileMissingError(NotFoundError):
    """The file is known, but its contents are gone from the store."""

    code = "file_missing"
    status = 410


class FileTooLargeError(InvalidInputError):
    """{name} is larger than the {most} a file may have."""

    code = "file_too_large"
    status = 413


class TooManyFilesError(InvalidInputError):
    """A message may carry {most} files at most."""

    code = "too_many_files"


class RefusedFileError(InvalidInputError):
    """{name} is a program; such files are not taken."""

    code = "file_refused"


class UploadGoneError(ConflictError):
    """A file is no longer here; please add it again."""

    code = "upload_gone"
