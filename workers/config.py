"""Settings of the worker alone; what the whole product shares stands in `processes.config`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WorkerSettings(BaseSettings):
    """How eagerly a worker works; variables begin with `WORKER_`."""

    model_config = SettingsConfigDict(env_prefix="WORKER_", extra="ignore", frozen=True)

    concurrency: int = Field(default=3, ge=1, le=64)
    """Child processes that run jobs; all but one may be busy with mail and service calls."""
    look_seconds: float = Field(default=1.0, gt=0)
    """How often the worker looks for due work by itself."""
    lease_seconds: float = Field(default=30.0, gt=0)
    """How long a claimed job stays its worker's; a crash delays a job by this much."""
    job_seconds: int = Field(default=120, ge=1)
    """A job other than a mail that runs longer is interrupted and tried again."""
    memory_mb: int = Field(default=1024, ge=0)
    """Memory a child may use for data, in megabytes; a job that wants more fails. 0: no limit."""
    retry_speed: float = Field(default=1.0, gt=0)
    """Multiplies the delays between attempts; below 1 for tests only."""
