"""Names of the source whose machinery is still to come: validation accepts them, nothing runs.

A name leaves this list when its machinery arrives; at the end there is no list.
"""

SECTIONS: frozenset[str] = frozenset(
    {
        "scope",
        "data_recovery",
        "update_procedures",
        "backup_procedures",
        "access_management",
        "logging",
        "dashboards",
        "disaster_recovery",
        "dr_checklist",
        "commands",
        "links",
    }
)
"""Sections that no code outside this folder acts upon yet."""

STEPS: frozenset[str] = frozenset(
    {
        # 4.2 Data
        "stop_service",
        "backup_current",
        "restore_snapshot",
        "verify_integrity",
        "start_service",
        "save_current",
        "rollback_version",
        "verify_performance",
        "update_config",
        # 5.1 Updates
        "backup_current_model",
        "verify_new_model",
        "test_performance",
        "replace_model",
        "verify_inference",
        "check_performance",
        "monitor_errors",
        "backup_system",
        "verify_dependencies",
        "check_space",
        "stop_services",
        "apply_updates",
        "update_configs",
        "start_services",
        "verify_services",
        "test_functionality",
        # 9.1 Disasters
        "activate_dr_site",
        "restore_data",
        "switch_traffic",
        "identify_corruption",
        "restore_backup",
        # 9.2 Checklist
        "verify_backups",
        "test_procedures",
        "update_contacts",
        "check_access",
        "assess_impact",
        "notify_stakeholders",
        "execute_plan",
        "monitor_progress",
        "verify_recovery",
        "document_incident",
        "review_procedures",
        "implement_improvements",
    }
)
"""Steps of procedures and of the checklist."""

SOLUTIONS: frozenset[str] = frozenset(
    {
        "rollback model",
    }
)
"""What helps against a common problem."""

PANELS: frozenset[str] = frozenset(
    {
        "system_health",
        "ml_performance",
        "error_rates",
        "accuracy",
        "inference_time",
        "batch_success",
        "active_alerts",
        "alert_history",
        "escalations",
    }
)
"""Panels of the dashboards."""
