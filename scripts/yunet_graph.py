"""Rewrites the published YuNet detector so that it takes images of any size, many at once."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 11
IR_VERSION = 8
_OUTPUT_WIDTHS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}


def rewrite_yunet(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with free shapes.

    Input `images` [N, H, W, 3] uint8 RGB, H and W multiples of 32. Outputs, for each stride s of
    8, 16, 32 with A = H / s * W / s anchors: `cls_s` and `obj_s` [N, A, 1] in [0, 1], `bbox_s`
    [N, A, 4], `kps_s` [N, A, 10], all float32. The published network takes blue before red; the
    first convolution's weights are turned round instead of every image.
    """
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    nodes = [node for node in graph.node if node.op_type != "Constant"]
    if len(nodes) != len(graph.node) or nodes[0].op_type != "Conv":
        raise ValueError("This is not the YuNet graph that this script knows.")
    first = weights[nodes[0].input[1]]
    first.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(first)[:, ::-1], first.name))
    for tensor in weights.values():
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.int64 and values.shape == (3,) and list(values[:2]) == [1, -1]:
            # A shape of 0 keeps the batch's own size; the published file fixes it to one image.
            free = np.array([0, -1, values[2]], np.int64)
            tensor.CopyFrom(numpy_helper.from_array(free, tensor.name))
    nodes[0].input[0] = "planes"
    entry = [
        helper.make_node("Cast", ["images"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["float"], ["planes"], perm=[0, 3, 1, 2]),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.UINT8, ["N", "H", "W", 3])
    outputs = [_free_output(value.name) for value in graph.output]
    made = helper.make_model(
        helper.make_graph(entry + nodes, "yunet", [images], outputs, list(weights.values())),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="bigbrother scripts/build_packs.py",
    )
    onnx.checker.check_model(made, full_check=True)
    return made


def _free_output(name: str) -> onnx.ValueInfoProto:
    kind, stride = name.split("_")
    return helper.make_tensor_value_info(
        name, TensorProto.FLOAT, ["N", f"A{stride}", _OUTPUT_WIDTHS[kind]]
    )
