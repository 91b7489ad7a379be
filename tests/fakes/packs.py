"""Model packs made for tests: copies of the shipped one, and one with another dimension."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from bigbrother.models.store import MANIFEST, PackStore

NOWHERE = Path("/nonexistent")


def shipped_folder() -> Path:
    """The folder of the shipped pack."""
    return PackStore(NOWHERE).load("sface").folder


def copy_pack(installed: Path, name: str = "copied") -> Path:
    """The shipped pack under another name, in a folder of installed packs; gives its folder."""
    folder = installed / name
    shutil.copytree(shipped_folder(), folder)
    change_manifest(folder, {"name": name})
    return folder


def change_manifest(folder: Path, changes: dict[str, Any]) -> None:
    """Replaces values of a pack's manifest; a dotted key reaches into sections."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    for key, value in changes.items():
        *path, last = key.split(".")
        section = manifest
        for step in path:
            section = section[step]
        section[last] = value
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")


def wide_pack(installed: Path, *, name: str = "wide", dimension: int = 512) -> Path:
    """A pack whose embeddings are the shipped pack's, projected into more dimensions.

    The projection's rows are orthonormal, so similarities, and with them the thresholds, stay the
    same; the embedding spaces do not compare. Gives the pack's folder.
    """
    folder = copy_pack(installed, name)
    network = onnx.load(folder / "sface.onnx")
    graph = network.graph
    (output,) = graph.output
    width = output.type.tensor_type.shape.dim[1]
    random = np.random.default_rng(20_211_200)
    basis, _ = np.linalg.qr(random.standard_normal((dimension, width.dim_value)))
    graph.initializer.append(numpy_helper.from_array(basis.T.astype(np.float32), "projection"))
    for node in graph.node:
        if output.name in node.output:
            node.output[0] = "narrow"
    graph.node.append(helper.make_node("MatMul", ["narrow", "projection"], [output.name]))
    width.dim_value = dimension
    data = network.SerializeToString()
    (folder / "sface.onnx").write_bytes(data)
    change_manifest(
        folder,
        {
            "dimension": dimension,
            "files.embedder.sha256": hashlib.sha256(data).hexdigest(),
            "files.embedder.size_bytes": len(data),
        },
    )
    return folder
