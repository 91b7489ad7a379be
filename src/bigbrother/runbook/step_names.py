"""Names of the steps that the product can make: a test holds them and the actions together."""

STEPS: frozenset[str] = frozenset(
    {
        # 4.1 Services
        "verify_status",
        "check_logs",
        "restart_service",
        "verify_health",
    }
)
