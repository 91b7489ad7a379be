"""Every task of the watcher. A new task is a module and a line here."""

from collections.abc import Sequence

from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.monitoring.tasks.daily import daily
from bigbrother.operations.monitoring.tasks.database_size import database_size
from bigbrother.operations.monitoring.tasks.endpoints import endpoints
from bigbrother.operations.monitoring.tasks.errors import errors
from bigbrother.operations.monitoring.tasks.looking import Looking, Services
from bigbrother.operations.monitoring.tasks.resources import resources
from bigbrother.operations.monitoring.tasks.scrape import scrape_metrics
from bigbrother.operations.monitoring.tasks.services import services
from bigbrother.operations.monitoring.tasks.upkeep import Purge, upkeep


def tasks(watcher: Services, histories: Sequence[Purge] = ()) -> tuple[Task, ...]:
    """What the watcher does by schedule.

    `histories` delete what of alerts ended before a moment; their rooms lie above this one.
    """
    looking = Looking(watcher)
    return (
        *resources(looking),
        services(looking),
        endpoints(looking),
        errors(looking),
        scrape_metrics(looking),
        database_size(looking),
        daily(looking),
        upkeep(looking, histories),
    )
