"""Arrays as torch's tensors, and back, without copies."""

from typing import cast

import torch
from thinc.types import ArrayXd, FloatsXd
from torch import Tensor


def to_tensor(array: ArrayXd) -> Tensor:
    """A numpy or cupy array as a tensor on the same device, sharing its memory."""
    return torch.from_dlpack(array)


def to_array(tensor: Tensor) -> FloatsXd:
    """A tensor as a numpy array, or as a cupy array where it lies on a GPU, sharing its memory."""
    if tensor.device.type == "cuda":
        import cupy

        return cupy.from_dlpack(tensor)
    return cast(FloatsXd, tensor.numpy())
