"""Rewrites the block-quantised SFace network into a small file that ONNX Runtime runs fast."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Floats = NDArray[np.float64]
OPSET = 17
IR_VERSION = 8


@dataclass(frozen=True)
class BlockQuantised:
    """A weight matrix [outputs, blocks, block size] as `(quantised - zero point) * scale`."""

    quantised: NDArray[np.int8]
    zero_points: NDArray[np.int8]
    """Shape [outputs, blocks]."""
    scales: Floats
    """Shape [outputs, blocks]."""
    shape: tuple[int, ...]
    """Shape of the weight that the layer takes."""

    def scaled(self, factors: Floats) -> "BlockQuantised":
        """The weight with each output's row multiplied; exact, since a scale belongs to one row."""
        return BlockQuantised(
            self.quantised, self.zero_points, self.scales * factors[:, None], self.shape
        )

    def values(self) -> Floats:
        """The weight in floating point, in the layer's shape."""
        centred = self.quantised.astype(np.float64) - self.zero_points[:, :, None]
        values: Floats = (centred * self.scales[:, :, None]).reshape(self.shape)
        return values


@dataclass(frozen=True)
class Affine:
    """Per channel `factor * x + shift`: what a batch normalisation does at inference."""

    factors: Floats
    shifts: Floats


@dataclass
class GraphWriter:
    """Collects nodes and weights of the new graph, in order."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    def weight(self, name: str, values: NDArray[np.generic]) -> str:
        stored = values.astype(np.float32) if values.dtype == np.float64 else values
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(stored), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        made = helper.make_node(kind, inputs, [output])
        made.attribute.extend(helper.make_attribute(*item) for item in attributes.items())
        self.nodes.append(made)
        return output

    def quantised_weight(self, name: str, weight: BlockQuantised) -> str:
        """Stores the weight as int8 beside plain arithmetic that a session folds when it loads."""
        blocks = weight.scales.shape
        stored = self.weight(f"{name}.int8", weight.quantised)
        centred = self.node("Cast", [stored], f"{name}.cast", to=TensorProto.FLOAT)
        if weight.zero_points.any():
            zeros = weight.zero_points.reshape(*blocks, 1).astype(np.float32)
            centred = self.node(
                "Sub", [centred, self.weight(f"{name}.zero", zeros)], f"{name}.centred"
            )
        scale = self.weight(f"{name}.scale", weight.scales.reshape(*blocks, 1))
        scaled = self.node("Mul", [centred, scale], f"{name}.scaled")
        shape = self.weight(f"{name}.shape", np.array(weight.shape, np.int64))
        return self.node("Reshape", [scaled, shape], name)


class SFaceSource:
    """The published graph, read as a chain of layers."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._nodes = list(model.graph.node)
        self._values = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self._reader = {
            name: node for node in self._nodes for name in node.input if name not in self._values
        }
        self._maker = {name: node for node in self._nodes for name in node.output}

    def layers(self) -> Iterator[onnx.NodeProto]:
        """The nodes from the image to the embedding, without those that only make weights."""
        name = "data"
        while name in self._reader:
            node = self._reader[name]
            yield node
            name = node.output[0]

    def constant(self, name: str) -> Floats:
        values: Floats = self._values[name].astype(np.float64)
        return values

    def quantised(self, name: str) -> BlockQuantised:
        """The stored blocks behind a layer's weight or bias."""
        node, shape = self._maker[name], None
        if node.op_type == "Reshape":
            shape = tuple(int(size) for size in self._values[node.input[1]])
            node = self._maker[node.input[0]]
        quantised, scales, zeros = (self._values[part] for part in node.input)
        axis = next(a.i for a in node.attribute if a.name == "axis")
        if axis != quantised.ndim - 1:
            raise ValueError(f"{name} is quantised along axis {axis}, not along the last one.")
        blocks = (1, *scales.shape) if scales.ndim == 1 else scales.shape
        return BlockQuantised(
            quantised.reshape(*blocks, -1),
            zeros.reshape(blocks),
            scales.reshape(blocks).astype(np.float64),
            shape or quantised.shape,
        )

    def affine(self, node: onnx.NodeProto) -> Affine:
        gamma, beta, mean, variance = (self.constant(name) for name in node.input[1:])
        epsilon = next(a.f for a in node.attribute if a.name == "epsilon")
        factors = gamma / np.sqrt(variance + epsilon)
        return Affine(factors, beta - mean * factors)


def rewrite_sface(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same function of an image as the published graph, cheaper to ship and to run.

    Input `images` [N, 112, 112, 3] uint8 RGB; output `embeddings` [N, 128] float32, not
    normalised. Batch normalisation disappears into the scales of the int8 blocks. A PReLU has no
    blocked kernel in ONNX Runtime, so each would cost two changes of memory layout; `slope * x +
    (1 - slope) * relu(x)` runs as depthwise convolutions, and those merge into the depthwise
    convolution that follows, which is linear.
    """
    source, graph = SFaceSource(model), GraphWriter()
    chain = [node for node in source.layers() if node.op_type != "Dropout"]
    kinds = [node.op_type for node in chain]
    if kinds[:2] != ["Sub", "Mul"] or kinds[-3:] != ["Flatten", "Gemm", "BatchNormalization"]:
        raise ValueError(f"This is not the SFace graph that this script knows: {kinds}.")
    current = _write_input(graph, source, chain[0], chain[1])
    body, (gemm, last) = chain[2:-3], chain[-2:]
    position = 0
    slopes: Floats | None = None
    while position < len(body) and body[position].op_type == "Conv":
        convolution, normalisation, activation = body[position : position + 3]
        position += 3
        folded = source.affine(normalisation)
        current = _write_convolution(graph, source, convolution, folded, current, slopes)
        slopes = source.constant(activation.input[1]).reshape(-1)
    if slopes is None or [node.op_type for node in body[position:]] != ["BatchNormalization"]:
        raise ValueError("The convolutions are not followed by one batch normalisation.")
    current = _write_activation(graph, current, slopes, source.affine(body[position]))
    _write_embedding(graph, source, gemm, last, current)
    return _model(graph)


def _write_input(
    graph: GraphWriter, source: SFaceSource, subtract: onnx.NodeProto, multiply: onnx.NodeProto
) -> str:
    current = graph.node("Cast", ["images"], "images.float", to=TensorProto.FLOAT)
    current = graph.node("Transpose", [current], "images.planes", perm=[0, 3, 1, 2])
    mean = graph.weight("mean", source.constant(subtract.input[1]))
    current = graph.node("Sub", [current, mean], "images.centred")
    factor = graph.weight("factor", source.constant(multiply.input[1]))
    return graph.node("Mul", [current, factor], "images.normalised")


def _write_convolution(
    graph: GraphWriter,
    source: SFaceSource,
    node: onnx.NodeProto,
    folded: Affine,
    current: str,
    slopes: Floats | None,
) -> str:
    """A convolution with its batch normalisation, taking the PReLU with `slopes` before it."""
    name = node.output[0]
    weight = source.quantised(node.input[1]).scaled(folded.factors)
    bias = graph.weight(f"{name}.bias", folded.shifts)
    attributes = {
        attribute.name: helper.get_attribute_value(attribute)
        for attribute in node.attribute
        if attribute.name in ("group", "kernel_shape", "pads", "strides")
    }
    depthwise = attributes["group"] == weight.shape[0]
    if slopes is None or not depthwise:
        if slopes is not None:
            current = _write_activation(graph, current, slopes)
        stored = graph.quantised_weight(f"{name}.weight", weight)
        return graph.node("Conv", [current, stored, bias], name, **attributes)
    per_channel = slopes.reshape(-1, 1, 1, 1)
    linear = graph.weight(f"{name}.weight_linear", weight.values() * per_channel)
    rectified = graph.weight(f"{name}.weight_rectified", weight.values() * (1 - per_channel))
    positive = graph.node("Relu", [current], f"{current}.relu")
    first = graph.node("Conv", [current, linear, bias], f"{name}.first", **attributes)
    second = graph.node("Conv", [positive, rectified], f"{name}.second", **attributes)
    return graph.node("Add", [first, second], name)


def _write_activation(
    graph: GraphWriter, current: str, slopes: Floats, after: Affine | None = None
) -> str:
    """A PReLU, then `after`, as two depthwise convolutions with a kernel of one pixel."""
    channels = len(slopes)
    after = after or Affine(np.ones(channels), np.zeros(channels))
    attributes = {"group": channels, "kernel_shape": [1, 1]}
    column = (channels, 1, 1, 1)
    linear = graph.weight(f"{current}.slope", (slopes * after.factors).reshape(column))
    rectified = graph.weight(f"{current}.rest", ((1 - slopes) * after.factors).reshape(column))
    shift = graph.weight(f"{current}.shift", after.shifts)
    positive = graph.node("Relu", [current], f"{current}.relu")
    first = graph.node("Conv", [current, linear, shift], f"{current}.linear", **attributes)
    second = graph.node("Conv", [positive, rectified], f"{current}.rectified", **attributes)
    return graph.node("Add", [first, second], f"{current}.active")


def _write_embedding(
    graph: GraphWriter,
    source: SFaceSource,
    gemm: onnx.NodeProto,
    normalisation: onnx.NodeProto,
    current: str,
) -> None:
    folded = source.affine(normalisation)
    weight = source.quantised(gemm.input[1]).scaled(folded.factors)
    bias = source.quantised(gemm.input[2]).values() * folded.factors + folded.shifts
    flat = graph.node("Flatten", [current], "features")
    stored = graph.quantised_weight("embedding.weight", weight)
    offset = graph.weight("embedding.bias", bias)
    graph.node("Gemm", [flat, stored, offset], "embeddings", transB=1)


def _model(graph: GraphWriter) -> onnx.ModelProto:
    images = helper.make_tensor_value_info("images", TensorProto.UINT8, ["N", 112, 112, 3])
    embeddings = helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["N", 128])
    made = helper.make_model(
        helper.make_graph(graph.nodes, "sface", [images], [embeddings], graph.weights),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="bigbrother scripts/build_packs.py",
    )
    onnx.checker.check_model(made, full_check=True)
    return made
