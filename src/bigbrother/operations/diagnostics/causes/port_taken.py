"""Another program listens where a unit of ours must."""

from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect

SUSPECT = Suspect(
    "port_taken",
    why="A unit cannot start while another program holds its port.",
    # Who listens is the kernel's word; a unit that is down has many causes.
    symptoms={"port_taken": 0.92, "services_status": 0.1},
    signs=(Sign("unit_restarts", Shows.BEYOND, 0.1, "A unit without its port starts ever anew."),),
    against=(Sign("port_taken", Shows.PASSED, 0.7, "Every port is our own."),),
    explains=(
        "services_status",
        "hung_units",
        "unit_restarts",
        "golden_inference",
        "network_latency",
        "error_rate",
        "response_time",
        "inference_time",
        "log_errors",
    ),
)
