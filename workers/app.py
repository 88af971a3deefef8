"""The one Celery application. Its only message says "look", and carries nothing.

What is to be done, when, how often it was tried: all of that is rows. So any message may be lost,
doubled or late without harm, and nothing of Celery's own clockwork is used: no ETA, countdown,
retry, result or beat.
"""

from typing import Any

from celery import Celery

from processes.config import Settings
from workers import look

LOOK = "workers.look"
QUEUE = "casewright"
_STALE_SECONDS = 10
_LOST_SECONDS = 1.0
"""After this time the pool takes work of a killed child as lost; nobody waits for its result."""
_CONNECT_SECONDS, _ANSWER_SECONDS = 1, 2


def create_celery(settings: Settings) -> Celery:
    """Return the application on the configured broker, or on files in the data folder."""
    celery = Celery("casewright", set_as_current=False)
    celery.conf.update(
        **_broker(settings),
        broker_connection_retry_on_startup=True,
        broker_pool_limit=1,
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_acks_late=False,
        task_create_missing_queues=False,
        worker_consumer="workers.consumer:Consumer",
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_lost_wait=_LOST_SECONDS,
        worker_hijack_root_logger=False,
        enable_utc=True,
        timezone="UTC",
    )
    celery.task(name=LOOK, shared=False)(look.answer_bell)
    return celery


def ask_to_look(celery: Celery) -> None:
    """Put one bell on the queue; raises what the broker's connection raises."""
    celery.send_task(LOOK, expires=_STALE_SECONDS, ignore_result=True, retry=False, queue=QUEUE)


def _broker(settings: Settings) -> dict[str, Any]:
    if settings.broker_url:
        return {
            "broker_url": settings.broker_url,
            "broker_connection_timeout": _CONNECT_SECONDS,
            "broker_transport_options": {
                "socket_connect_timeout": _CONNECT_SECONDS,
                "socket_timeout": _ANSWER_SECONDS,
                "max_retries": 1,
            },
        }
    folder = (settings.data_dir / "broker").resolve()
    for name in ("queue", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://",
        "broker_transport": "workers.files:Transport",
        "broker_transport_options": {
            "data_folder_in": f"{folder}/queue",
            "data_folder_out": f"{folder}/queue",
            "control_folder": f"{folder}/control",
        },
    }
