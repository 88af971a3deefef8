"""Every table of the product, imported once, so that migrations and tests know them all."""

from engine import models as engine_models
from engine.db import Base
from engine.deployment import drafts as engine_drafts
from processes.cases import models as case_models
from processes.cases import submissions as submission_models
from processes.files import models as file_models
from processes.mail import models as mail_models
from processes.people import models as people_models

__all__ = ["metadata"]

_TABLES = (
    engine_models,
    engine_drafts,
    people_models,
    case_models,
    submission_models,
    file_models,
    mail_models,
)

metadata = Base.metadata
"""What the database should look like."""
