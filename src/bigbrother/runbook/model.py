"""The document's shape. Field names are the runbook's own words."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import Field, model_validator

from bigbrother.runbook.figures import Duration, Ratio, Size
from bigbrother.runbook.section import Count, Score, Section
from bigbrother.runbook.sections.alerting import AlertConfig, Alerts, Heartbeat
from bigbrother.runbook.sections.checks import DailyChecks
from bigbrother.runbook.sections.dashboards import Dashboards
from bigbrother.runbook.sections.disaster_recovery import DisasterRecovery, DrChecklist
from bigbrother.runbook.sections.escalation import Contact, Escalation
from bigbrother.runbook.sections.housekeeping import Cleaning, Optimization
from bigbrother.runbook.sections.maintenance import BackupProcedures, UpdateProcedures
from bigbrother.runbook.sections.monitoring import MonitoringTasks, Watching
from bigbrother.runbook.sections.procedures import (
    HousekeepingTask,
    Procedures,
    Response,
    Solution,
)
from bigbrother.runbook.sections.protection import AccessManagement, Logging
from bigbrother.runbook.sections.recovery import DataRecovery, RecoveryStep
from bigbrother.runbook.sections.references import Commands, Links
from bigbrother.runbook.sections.scope import Scope
from bigbrother.runbook.sections.troubleshooting import Diagnostics, Issue
from bigbrother.runbook.sections.tuning import ResultCache, Tuning


class Limits(Section):
    """What one request may ask of the face analyzer."""

    image_size: Size
    image_pixels: Count
    images_per_request: Count
    request_size: Size
    faces_per_image: Count
    bytes_in_flight: Size
    waiting_requests: Count
    retry_after: Duration
    read_within: Duration
    json_size: Size
    json_depth: Annotated[int, Field(ge=1, le=100)]
    json_elements: Count
    metadata_size: Size
    page_size: Count
    largest_page_size: Count
    matches: Count
    largest_matches: Count

    @property
    def decoding_bytes(self) -> int:
        """Most memory that decoding one image within `image_pixels` takes, in any format.

        Seven bytes for each pixel (WebP, progressive JPEG), and ten for each that is kept: larger
        images are halved until 16 million remain.
        """
        return 7 * self.image_pixels + 10 * min(self.image_pixels, 16_000_000)

    @model_validator(mode="after")
    def _sizes_contain_each_other(self) -> "Limits":
        if self.image_size.value > self.request_size.value:
            raise ValueError(
                f"image_size ({self.image_size}) is larger than request_size "
                f"({self.request_size}): no such image could ever arrive."
            )
        # A request in JSON is held three times while it is read.
        needed_bytes = 3 * self.request_size.value + self.decoding_bytes
        if needed_bytes > self.bytes_in_flight.value:
            raise ValueError(
                f"bytes_in_flight ({self.bytes_in_flight}) must hold three times request_size "
                f"({self.request_size}) and what decoding an image of image_pixels "
                f"({self.image_pixels}) may take, {needed_bytes / 1e6:.0f} MB together, or the "
                "largest request could never be taken."
            )
        if self.page_size > self.largest_page_size or self.matches > self.largest_matches:
            raise ValueError("A default (page_size, matches) is larger than its largest value.")
        return self


class ClientCalls(Section):
    """How a caller of the face analyzer waits, and how often it tries again."""

    timeout: Duration
    attempts: Count
    first_pause: Duration
    longest_pause: Duration
    enrolment_part: Count
    follow_attempts: Count
    longest_silence: Duration
    poll_every: Duration


class Matching(Section):
    """When two faces are called the same person."""

    verification_false_match_rate: Ratio
    identification_false_positive_rate: Ratio
    exact_search_below: Count
    index_search_width: Annotated[int, Field(ge=10, le=1000)]
    count_cached_for: Duration


class EnrolmentQuality(Section):
    """The least that an enrolled example must reach in each score."""

    size: Score
    sharpness: Score
    pose: Score
    brightness: Score
    overall: Score


class Batch(Section):
    """Many images at once."""

    items: Count
    waiting_items: Count
    chunk: Count
    chunks_at_once: Annotated[int, Field(ge=0, le=64)]
    largest_chunk: Annotated[int, Field(ge=1, le=256)]
    size: Size
    upload_within: Duration
    stored_at_once: Count
    expansion: Count
    niceness: Annotated[int, Field(ge=0, le=19)]
    first_pause: Duration
    longest_pause: Duration
    deaths: Count
    heartbeat: Duration
    worker_dead_after: Duration
    rescue_every: Duration
    image_within: Duration
    look_every: Duration
    follow_every: Duration
    follow_keepalive: Duration
    success_window: Duration

    @model_validator(mode="after")
    def _figures_agree(self) -> "Batch":
        if self.chunk > self.largest_chunk:
            raise ValueError("chunk is larger than largest_chunk.")
        if self.items > self.waiting_items:
            raise ValueError("items is larger than waiting_items: no such batch could be taken.")
        if self.worker_dead_after.value < 2 * self.heartbeat.value:
            raise ValueError(
                f"worker_dead_after ({self.worker_dead_after}) is less than two heartbeats "
                f"({self.heartbeat}): a worker would be called dead for one late word."
            )
        return self


class Webhook(Section):
    """How the end of a batch is told."""

    attempts: Count
    at_once: Count
    first_pause: Duration
    longest_pause: Duration
    answer_within: Duration
    allowed_networks: tuple[IPv4Network | IPv6Network, ...]


class Audit(Section):
    """What is written down of every use of somebody's face."""

    purpose_required: bool
    anchor_every: Duration


class Retention(Section):
    """How long things are kept."""

    idempotency_keys: Duration
    batch_results: Duration
    batch_failed_images: Duration
    purge_every: Duration
    largest_collection_retention: Duration
    unit_logs: Size
    unit_log_files: Count
    old_logs: Duration
    all_logs: Size
    readings: Duration
    readings_5m: Duration
    readings_1h: Duration
    readings_1d: Duration
    alert_history: Duration
    runs: Duration
    reports: Duration


class Tokens(Section):
    """How bearer tokens are checked."""

    cached_for: Duration
    longest_life: Duration
    last_used_resolution: Duration


class Health(Section):
    """How the face analyzer tells about itself."""

    cached_for: Duration
    answer_within: Duration
    sample_similarity: Score
    gallery_counts_every: Duration


class Serving(Section):
    """How the face analyzer serves and leaves."""

    header_size: Size
    keep_alive: Duration
    drain: Duration
    database_connections: Count
    database_within: Duration
    statement_within: Duration
    document_every: Duration
    images_at_once: Annotated[int, Field(ge=0, le=64)]

    @model_validator(mode="after")
    def _looks_pause(self) -> "Serving":
        if self.document_every.value <= 0:
            raise ValueError("document_every is no time: the units would do nothing but look.")
        return self


class Unit(Section):
    """One process of the product."""

    start_within: Duration
    stop_within: Duration
    grace: Duration


class ServiceManagement(Section):
    """What the machine's systemd is told of every unit."""

    restart_after: Duration
    silent_for: Duration
    open_files: Annotated[int, Field(ge=64, le=1_000_000)]


class Requirements(Section):
    """What a machine must offer before anything starts."""

    free_disk: Size


class Runbook(Section):
    """The whole document."""

    scope: Scope
    daily_checks: DailyChecks
    monitoring_tasks: MonitoringTasks
    watching: Watching
    limits: Limits
    client: ClientCalls
    matching: Matching
    enrolment_quality: EnrolmentQuality
    batch: Batch
    webhook: Webhook
    audit: Audit
    retention: Retention
    tokens: Tokens
    health: Health
    serving: Serving
    result_cache: ResultCache
    tuning: Tuning
    units: dict[str, Unit]
    service_management: ServiceManagement
    requirements: Requirements
    common_issues: dict[str, Issue]
    diagnostics: Diagnostics
    solutions: dict[str, Solution]
    housekeeping: dict[str, HousekeepingTask]
    cleaning: Cleaning
    optimization: Optimization
    procedures: Procedures
    response: Response
    service_recovery: dict[str, dict[str, RecoveryStep]]
    data_recovery: DataRecovery
    update_procedures: UpdateProcedures
    backup_procedures: BackupProcedures
    access_management: AccessManagement
    logging: Logging
    dashboards: Dashboards
    alerts: Alerts
    alert_config: AlertConfig
    escalation: Escalation
    contacts: dict[str, Contact]
    heartbeat: Heartbeat
    disaster_recovery: DisasterRecovery
    dr_checklist: DrChecklist
    commands: Commands
    links: Links
