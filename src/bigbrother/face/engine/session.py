"""Opens a network for inference."""

import os

# ONNX Runtime would make an identifier of this machine and send its makers how it is used; it
# decides while it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort

_ERRORS_ONLY = 3


def open_session(network: bytes) -> ort.InferenceSession:
    """One single-threaded ONNX Runtime session that any number of threads may run at once.

    The caller's threads decide how many cores are used; a session's own pool would only fight
    with them. ONNX Runtime releases the GIL while it runs.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    return ort.InferenceSession(network, options, providers=["CPUExecutionProvider"])
