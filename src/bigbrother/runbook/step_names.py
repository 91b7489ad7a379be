"""Names of the steps that the product can make: a test holds them and the actions together."""

STEPS: frozenset[str] = frozenset(
    {
        # 4.1 Services
        "verify_status",
        "check_logs",
        "restart_service",
        "verify_health",
        # 1.2 Cleaning
        "remove_orphaned_files",
        "purge_logs",
        "purge_reports",
        "purge_runs",
        "compact_ops_store",
        "verify_purges",
        # 1.2 Optimisation
        "vacuum_tables",
        "rebuild_indexes",
        # 3.1 Common problems
        "restore_model_files",
        # 3.1 Solutions
        "measure_load",
        "scale_workers",
        "scale_threads",
        "measure_queries",
        "analyze_tables",
        "create_missing_indexes",
        "tune_index_search",
        "measure_caching",
        "grow_result_cache",
        "grow_database_cache",
        "measure_inference",
        "renew_engine",
        "measure_batch_sizes",
        "keep_best_batch_size",
        "measure_effect",
        # A full disk
        "measure_disk",
        "free_logs",
        "verify_disk",
    }
)
