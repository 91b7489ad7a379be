"""A file of the model pack is not what its manifest says."""

from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect

SUSPECT = Suspect(
    "corrupt_model",
    why="A model that is not the one that was shipped cannot be trusted.",
    # A digest does not err; a wrong inference has other causes too.
    symptoms={"model_files": 0.92, "golden_inference": 0.5},
    signs=(
        Sign(
            "model_version",
            Shows.FAILED,
            0.2,
            "The unit runs another model than the settings name.",
        ),
    ),
    against=(Sign("model_files", Shows.PASSED, 0.7, "Every file is as shipped."),),
    # A unit that cannot load its model does not start, and nothing is analysed.
    explains=(
        "golden_inference",
        "services_status/bigbrother-face",
        "hung_units/bigbrother-face",
        "unit_restarts",
        "error_rate",
        "batch_success",
        "model_accuracy",
        "model_version",
        "inference_time",
        "log_errors",
    ),
)
