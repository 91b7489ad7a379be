"""The model tells people apart worse than it should."""

from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect

SUSPECT = Suspect(
    "model_degradation",
    why="The model's answers are worse than on a good day.",
    # Accuracy is measured on hundreds of pairs, and is the thing itself; slow inference says more
    # of the machine than of the model.
    symptoms={"model_accuracy": 0.88, "inference_time": 0.15},
    signs=(
        Sign("model_accuracy", Shows.FAILED, 0.2, "Accuracy is below its limit."),
        Sign(
            "model_version",
            Shows.FAILED,
            0.5,
            "The unit runs another model than the settings name.",
        ),
        Sign(
            "execution_provider",
            Shows.BEYOND,
            0.3,
            "The model runs on the processor though there is a GPU.",
        ),
        Sign(
            "golden_inference",
            Shows.FAILED,
            0.3,
            "The sample's face does not come out as it was.",
        ),
        Sign("gpu_usage", Shows.BEYOND, 0.15, "The GPU has no room for more."),
    ),
    against=(Sign("model_accuracy", Shows.PASSED, 0.6, "Accuracy is as on a good day."),),
)
