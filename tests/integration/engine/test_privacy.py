"""Nothing that looks at faces tells anybody about it."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
from pathlib import Path
from bigbrother.face.engine.session import open_session
from bigbrother.models import store
packs = Path(store.__file__).parent / "packs"
open_session(next(packs.rglob("*.onnx")).read_bytes())
"""


def test_the_inference_runtime_keeps_no_identifier_of_the_machine_to_send(tmp_path: Path) -> None:
    environment = os.environ | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run((sys.executable, "-c", SCRIPT), env=environment, check=True, timeout=60)
    assert list(tmp_path.rglob("*")) == []
