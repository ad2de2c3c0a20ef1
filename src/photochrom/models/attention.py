"""Attention over the places of a picture of any size, and a path of it for what an encoder knows of each place.

Attention following Vaswani et al., *Attention is all you need* (NeurIPS 2017), places told by a depthwise convolution
(Chu et al., *Conditional positional encodings for vision transformers*, ICLR 2023) and by a penalty on distance that
each head learns (after Press, Smith & Lewis, *Train short, test long*, ICLR 2022).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["AttentionPath", "TransformerBlock", "distances"]

#: the heads' first penalties on distance, before softplus, for a whole side of the picture
NEAREST, FARTHEST = 2.5, -4.0
#: each hidden layer is this many times as wide as the network
HIDDEN = 2
#: channels of a head of :class:`AttentionPath`
HEAD_WIDTH = 32


class TransformerBlock(nn.Module):
    """Attention over all places, then a hidden layer; a new block changes nothing but what its convolution adds."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.place = nn.Conv2d(width, width, 3, 1, 1, groups=width)
        self.n1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.n2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, HIDDEN * width)
        self.down = nn.Linear(HIDDEN * width, width)
        self.slope = nn.Parameter(torch.linspace(FARTHEST, NEAREST, heads))
        for last in (self.proj, self.down):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, x: Tensor, distance: Tensor) -> Tensor:
        """Maps (N,C,h,w), with the places' distances (h*w,h*w) in sides, to the same shape."""
        n, width, height, columns = x.shape
        tokens = (x + self.place(x)).flatten(2).transpose(1, 2)
        split = self.qkv(self.n1(tokens)).reshape(n, -1, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        penalty = F.softplus(self.slope)[:, None, None] * distance
        seen = F.scaled_dot_product_attention(split[0], split[1], split[2], attn_mask=-penalty.to(split.dtype))
        tokens = tokens + self.proj(seen.transpose(1, 2).reshape(n, -1, width))
        tokens = tokens + self.down(F.gelu(self.up(self.n2(tokens))))
        out: Tensor = tokens.transpose(1, 2).reshape(n, width, height, columns)
        return out


class AttentionPath(nn.Module):
    """Carries an encoder's features of strides 16 and 32 to a decoder, each place having asked every other.

    Its last layer begins at zero (as in Zhang, Rao & Agrawala, *Adding conditional control to text-to-image diffusion
    models*, ICCV 2023): a network that was taught without it goes on with the same answer.

    Args:
        inputs: channels of the features at strides 16 and 32.
        outputs: channels of the decoder at stride 16.
        width: own channels, a multiple of 32.
    """

    def __init__(self, inputs: tuple[int, int], outputs: int, width: int) -> None:
        super().__init__()
        self.enter16 = nn.Conv2d(inputs[0], width, 1)
        self.enter32 = nn.Conv2d(inputs[1], width, 1)
        self.block = TransformerBlock(width, width // HEAD_WIDTH)
        self.answer = nn.Conv2d(width, outputs, 1)
        for parameter in self.answer.parameters():
            nn.init.zeros_(parameter)

    def forward(self, f16: Tensor, f32: Tensor) -> Tensor:
        """Maps (N,C,h,w) and (N,C',h/2,w/2) to what is added to the decoder's features, (N,outputs,h,w)."""
        above = F.interpolate(self.enter32(f32), scale_factor=2.0, mode="bilinear", align_corners=False)
        x = self.enter16(f16) + above
        added: Tensor = self.answer(F.relu(self.block(x, distances(x[0, 0]))))
        return added


def distances(grid: Tensor) -> Tensor:
    """Returns the distances (h*w,h*w) between all places of a grid (h,w), in sides of a square of its area."""
    ones = torch.ones_like(grid, dtype=torch.float32)
    places = torch.stack([ones.cumsum(0).flatten(), ones.cumsum(1).flatten()], 1) / ones.sum().sqrt()
    apart: Tensor = (places[:, None] - places).square().sum(2).sqrt()
    return apart
